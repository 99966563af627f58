import type { Faults } from "@oath-ws/sim";

/** Something that goes wrong in the demo. */
export interface Incident {
  readonly name: string;
  /** When, as a part of the round. */
  readonly at: number;
  /**
   * What shows that it is over: every stream goes on in a later epoch, or goes on after the reader
   * was stuck.
   */
  readonly over: "new-epoch" | "reader-back";
  /** `secondMs`: what a second is when the round is shortened. */
  readonly inject: (faults: Faults, secondMs: number) => void;
}

/** Events in a burst: several times what the demo's buffers hold. */
const BURST_EVENTS = 4_000;

/** In the order in which they happen. */
export const SCRIPT: readonly Incident[] = [
  {
    name: "the venue resets the connection",
    at: 0.12,
    over: "new-epoch",
    inject: (faults) => void faults.dropConnections(),
  },
  {
    name: "the peer goes half-open: no data, no FIN, no RST",
    at: 0.27,
    over: "new-epoch",
    inject: (faults) => void faults.halfOpen(),
  },
  {
    name: "the venue announces its shutdown: the connection is renewed before it ends",
    at: 0.6,
    over: "new-epoch",
    inject: (faults, secondMs) => void faults.serverShutdown(3 * secondMs),
  },
  {
    name: `a burst of ${BURST_EVENTS} events meets a reader that is stuck`,
    at: 0.82,
    over: "reader-back",
    inject: (faults) => void faults.burst(BURST_EVENTS),
  },
];
