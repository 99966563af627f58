import { WaitList } from "../wait-list.js";

/** What a proxy has done so far. A snapshot. */
export interface ProxyStats {
  /** Connections accepted. */
  readonly accepted: number;
  /** Connections open now. */
  readonly open: number;
  /** Connections for which the target could not be reached. */
  readonly failed: number;
  /** Connections ended by `reset`. */
  readonly resets: number;
  /** Bytes passed on from clients to the target. */
  readonly bytesUp: number;
  /** Bytes passed on from the target to clients. */
  readonly bytesDown: number;
  /** Bytes held back now, over all connections. */
  readonly bufferedBytes: number;
  /** The most that was ever held back. */
  readonly peakBufferedBytes: number;
}

type Counter = Exclude<keyof ProxyStats, "peakBufferedBytes">;

/** Counts for a proxy. */
export class ProxyTally {
  readonly #counts: Record<Counter, number> = {
    accepted: 0,
    open: 0,
    failed: 0,
    resets: 0,
    bytesUp: 0,
    bytesDown: 0,
    bufferedBytes: 0,
  };
  readonly #waits: WaitList<ProxyStats> = new WaitList(() => this.snapshot());
  #peak = 0;

  add(counter: Counter, amount: number): void {
    this.#counts[counter] += amount;
    if (counter === "bufferedBytes") this.#peak = Math.max(this.#peak, this.#counts.bufferedBytes);
    this.#waits.changed();
  }

  snapshot(): ProxyStats {
    return { ...this.#counts, peakBufferedBytes: this.#peak };
  }

  waitFor(condition: (stats: ProxyStats) => boolean, signal?: AbortSignal): Promise<ProxyStats> {
    return this.#waits.waitFor(condition, signal);
  }

  close(): void {
    this.#waits.close("the proxy is closed");
  }
}
