import type { LifecycleSnapshot, ReceivedFrame } from "oath-ws";

/**
 * What was delivered, kept by the reader independently of the stack's own counters, so that the two
 * can be compared.
 */
export class Ledger {
  #delivered = 0;
  #lastSeq = 0;
  #holes = 0;

  /** Notes a frame; returns how many frames are missing directly before it. */
  note(frame: ReceivedFrame): number {
    const missing = frame.seq - this.#lastSeq - 1;
    this.#delivered++;
    this.#lastSeq = frame.seq;
    this.#holes += missing;
    return missing;
  }

  /**
   * `unaccounted`: holes in `seq` that the buffer did not report as dropped; anything but 0 is a
   * fault of the stack.
   */
  summary(snapshot: LifecycleSnapshot): Summary {
    return {
      type: "summary",
      frames: this.#delivered,
      epochs: snapshot.epoch,
      totalLagged: snapshot.totalLagged,
      unaccounted: this.#holes - snapshot.totalLagged,
    };
  }
}

/** The last line of `--json`. */
export interface Summary {
  readonly type: "summary";
  /** Data frames delivered to the reader. */
  readonly frames: number;
  /** Connections made. */
  readonly epochs: number;
  /** Data frames that the receive buffer dropped and counted. */
  readonly totalLagged: number;
  readonly unaccounted: number;
}

/** The summary for people. */
export function summaryLine(summary: Summary): string {
  const { frames, epochs, totalLagged, unaccounted } = summary;
  return (
    `summary: ${frames} frames delivered in ${epochs} epochs, ${totalLagged} dropped and ` +
    `counted, ${unaccounted} unaccounted`
  );
}
