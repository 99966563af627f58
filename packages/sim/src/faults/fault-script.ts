import type { VenueClock } from "../clock.js";
import type { Fault, FaultTarget, ScriptedFault } from "./fault.js";

/** A connection, as far as a script is concerned. */
export interface ScriptedPeer {
  readonly id: number;
  /** Which endpoint of fault targets it belongs to. */
  readonly side: "stream" | "ws-api";
  readonly eventsSent: number;
}

/** Makes scripted faults happen when their moment comes. */
export class FaultScript<F extends { readonly kind: string } = Fault> {
  readonly #script: readonly ScriptedFault<F>[];
  readonly #clock: VenueClock;
  readonly #apply: (fault: F, target: FaultTarget) => void;
  #events = 0;

  constructor(
    script: readonly ScriptedFault<F>[],
    clock: VenueClock,
    apply: (fault: F, target: FaultTarget) => void,
  ) {
    this.#script = script;
    this.#clock = clock;
    this.#apply = apply;
  }

  /** Starts the time of the script. */
  start(): void {
    for (const { when, fault, target = {} } of this.#script) {
      if (when.kind === "time") this.#clock.after(when.afterMs, () => this.#apply(fault, target));
    }
  }

  /** An event frame went out to a connection. */
  eventSent(peer: ScriptedPeer): void {
    this.#events++;
    // What a fault sends is counted too: the position is taken before anything is applied.
    const total = this.#events;
    const own = peer.eventsSent;
    for (const { when, fault, target = {} } of this.#script) {
      if (when.kind === "time") continue;
      const { endpoint = "stream" } = target;
      if (endpoint !== "all" && endpoint !== peer.side) continue;
      const due = when.kind === "frame" ? total === when.number : own === when.number;
      if (!due) continue;
      const aimed = { ...target, connection: peer.id };
      // A burst publishes: it must not overtake the event that is being handed to the other
      // subscribers right now.
      if (fault.kind === "burst") queueMicrotask(() => this.#apply(fault, aimed));
      else this.#apply(fault, aimed);
    }
  }
}
