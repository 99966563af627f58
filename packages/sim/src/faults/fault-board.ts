import {
  type ConnectionFault,
  faultConnection,
  type FaultyConnection,
  healConnection,
  isConnectionFault,
} from "./connection-faults.js";
import type { AppliedFault, Fault, FaultTarget, Kinded } from "./fault.js";
import type { ScriptedPeer } from "./fault-script.js";
import type { UpgradeFaults } from "./upgrade-faults.js";

type UpgradeFault = Extract<Fault, { kind: "refuse" | "accept-then-close" }>;

/** Faults that a venue has to perform itself: those of no single connection and no upgrade. */
export type VenueFault<F extends Kinded> = Exclude<
  F,
  { kind: (ConnectionFault | UpgradeFault)["kind"] }
>;

/** What a venue's faults act on. */
export interface FaultVenue<F extends Kinded, P> {
  readonly journal: { fault(applied: AppliedFault<F>): void };
  readonly upgrades: UpgradeFaults;
  /** Told of each fault; what it throws is ignored. */
  readonly onFault: (applied: AppliedFault<F>) => void;
  /** The time of the record of faults. */
  now(): number;
  /** Who is connected. */
  peers(): readonly P[];
  /** The endpoint of a target that names neither an endpoint nor a connection. */
  readonly endpoint: "stream" | "all";
  /**
   * Performs a fault of the venue's own on the connections it is aimed at. Returns those that were
   * hit. With `clear` upgrades and connections have been healed already.
   */
  perform(fault: VenueFault<F>, peers: readonly P[], target: FaultTarget): readonly P[];
}

/** Makes faults happen. */
export class FaultBoard<F extends Kinded, P extends FaultyConnection & ScriptedPeer> {
  readonly #venue: FaultVenue<F, P>;

  constructor(venue: FaultVenue<F, P>) {
    this.#venue = venue;
  }

  /**
   * Makes a fault happen now, and notes it. Faults that need a connection do nothing where there is
   * none.
   */
  apply(fault: F, target: FaultTarget = {}): AppliedFault<F> {
    const hit = this.#perform(fault, this.#aimed(target), target);
    const applied = { at: this.#venue.now(), fault, connections: hit.map(({ id }) => id) };
    this.#venue.journal.fault(applied);
    try {
      this.#venue.onFault(applied);
    } catch {
      // A broken report must not change what the simulator does.
    }
    return applied;
  }

  #aimed({ connection, endpoint }: FaultTarget): readonly P[] {
    const side = endpoint ?? (connection === undefined ? this.#venue.endpoint : "all");
    return this.#venue
      .peers()
      .filter(
        (peer) =>
          !peer.link.ended &&
          (connection === undefined || peer.id === connection) &&
          (side === "all" || peer.side === side),
      );
  }

  #perform(fault: F, peers: readonly P[], target: FaultTarget): readonly P[] {
    const { upgrades } = this.#venue;
    if (isConnectionFault(fault)) return toEach(peers, (peer) => faultConnection(fault, peer));
    if (isUpgradeFault(fault)) {
      upgrades.add(fault);
      return [];
    }
    if (fault.kind === "clear") {
      upgrades.clear();
      for (const peer of peers) healConnection(peer);
    }
    return this.#venue.perform(fault as VenueFault<F>, peers, target);
  }
}

/** Does something to each connection; returns them all. */
export function toEach<P>(peers: readonly P[], act: (peer: P) => void): readonly P[] {
  for (const peer of peers) act(peer);
  return peers;
}

function isUpgradeFault(fault: Kinded): fault is UpgradeFault {
  return fault.kind === "refuse" || fault.kind === "accept-then-close";
}
