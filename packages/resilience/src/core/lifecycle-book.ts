import type { ConnectionIdentity, LifecycleSnapshot, Phase, WsError } from "@oath-ws/contract";
import { GateWaits } from "./gate-waits.js";
import { INITIAL_SNAPSHOT } from "./initial-snapshot.js";
import { differ, upPhase } from "./snapshot-changes.js";
import type { Trace } from "./trace.js";

/** What a transition of the supervisor is to the snapshot. */
export type LifecycleStep =
  /** An attempt, a wait, or a socket that is being let go. */
  | { readonly kind: "down" }
  | { readonly kind: "silent" | "heard" }
  /** The socket works; a reconnect was asked for. */
  | { readonly kind: "same" }
  /** A connection of a new epoch is there. */
  | { readonly kind: "opened" }
  | { readonly kind: "ended"; readonly phase: Phase; readonly exhausted: boolean };

/** The fields that the failure policy knows. */
type Refusals = Pick<LifecycleSnapshot, "refusedSince" | "givesUpAt">;

/**
 * The supervisor's books of the lifecycle: the snapshot, which only the supervisor changes, and
 * what a transition, the data and the receive buffer's totals do to it.
 */
export class LifecycleBook {
  readonly #trace: Trace;
  readonly #gateWaits = new GateWaits();
  #snapshot: LifecycleSnapshot;
  #openedAt = 0;
  #lastDataAt: number | undefined;
  #dataEpoch = 0;

  constructor(connection: ConnectionIdentity, endpoint: string, trace: Trace, now: number) {
    this.#trace = trace;
    this.#snapshot = Object.freeze({ ...INITIAL_SNAPSHOT, connection, endpoint, downSince: now });
  }

  get snapshot(): LifecycleSnapshot {
    return this.#snapshot;
  }

  /** How long the gate was waited for so far, in milliseconds. */
  gateWaitMs(now: number): number {
    return this.#gateWaits.totalMs(now);
  }

  /** The connection of the present epoch was opened. */
  opened(now: number): void {
    this.#openedAt = now;
  }

  /** The last data of the present epoch arrived at `at`. May be repeated. */
  data(at: number, now: number): void {
    const { blindSince, epoch, phase } = this.#snapshot;
    if (this.#lastDataAt === at && this.#dataEpoch === epoch) return;
    this.#lastDataAt = at;
    this.#dataEpoch = epoch;
    if (blindSince === undefined || phase !== upPhase(epoch)) return;
    const lastBlind = Object.freeze({ from: blindSince, to: at, epoch });
    this.publish({ blindSince: undefined, lastBlind }, now);
  }

  /** The fields of the snapshot that a step moves. */
  change(
    step: LifecycleStep,
    error: WsError | undefined,
    refusals: Refusals,
    now: number,
  ): Partial<LifecycleSnapshot> {
    const { epoch, downSince, totalDownMs, staleCount } = this.#snapshot;
    const cause = error === undefined ? {} : { cause: error };
    const down = { downSince: downSince ?? now, ...refusals, ...cause };
    switch (step.kind) {
      case "same":
        return cause;
      case "down":
        return { phase: epoch === 0 ? "connecting" : "reconnecting", ...down };
      case "silent":
        return { phase: "stale", staleCount: staleCount + 1 };
      case "heard":
        return { phase: upPhase(epoch) };
      case "opened":
        return {
          phase: upPhase(epoch + 1),
          epoch: epoch + 1,
          downSince: undefined,
          totalDownMs: totalDownMs + (now - (downSince ?? now)),
          refusedSince: undefined,
          givesUpAt: undefined,
          ...cause,
        };
      case "ended":
        return { phase: step.phase, exhausted: step.exhausted, ...down };
      default:
        return step satisfies never;
    }
  }

  /** Replaces the snapshot, if anything in it changes. */
  publish(change: Partial<LifecycleSnapshot>, now: number): void {
    const from = this.#snapshot;
    let next = { ...from, ...change };
    const wasUp = from.phase === "connected" || from.phase === "resumed";
    const isOver = next.phase !== from.phase || next.epoch !== from.epoch;
    if (wasUp && isOver && next.blindSince === undefined)
      next = { ...next, blindSince: this.#lastDataAt ?? this.#openedAt };
    if (!differ(from, next)) return;
    this.#snapshot = Object.freeze(next);
    this.#gateWaits.look(next.waitingFor === "gate", now);
    if (isOver) this.#trace({ kind: "transition", at: now, from, to: this.#snapshot });
  }
}
