import type { Feed, FeedOutlet } from "./feed.js";

/** A row of a summary or ledger: its key, and what it says. */
export interface SummaryRow {
  readonly key: string;
  readonly values: Readonly<Record<string, string | number>>;
}

/**
 * Sends a frame at once and then by the clock, whether anything has changed or not: `spl`, `ssd`
 * and `sld`, which need no brokerage session.
 */
export class PeriodicFeed implements Feed {
  readonly topic: string;
  readonly needsBrokerage = false;
  readonly #outlet: FeedOutlet;
  readonly #periodMs: number;
  readonly #frame: () => object;
  readonly #named: object;
  #cancel: () => void = () => {};

  /** `namesTopic`: whether its frames say whose they are. */
  constructor(
    topic: string,
    periodMs: number,
    outlet: FeedOutlet,
    frame: () => object,
    namesTopic = true,
  ) {
    this.#named = namesTopic ? { topic } : {};
    this.topic = topic;
    this.#outlet = outlet;
    this.#periodMs = periodMs;
    this.#frame = frame;
    this.#beat();
  }

  stop(): void {
    this.#cancel();
  }

  #beat(): void {
    this.#outlet.publish(this.topic, JSON.stringify({ ...this.#frame(), ...this.#named }));
    this.#cancel = this.#outlet.after(this.#periodMs, () => this.#beat());
  }
}

/** Which rows and which of their members a client wants; `undefined` for all. */
export interface SummaryFilter {
  readonly keys: readonly string[] | undefined;
  readonly fields: readonly string[] | undefined;
}

/**
 * Makes the frames of `ssd` and `sld`: a row that has not changed since the last frame has its key
 * and its time only.
 */
export function summaryFrames(
  rows: () => readonly SummaryRow[],
  now: () => number,
  filter: SummaryFilter,
): () => object {
  const shown = new Map<string, string>();
  return () => {
    const timestamp = Math.floor(now() / 1_000);
    const wanted = rows().filter(({ key }) => filter.keys?.includes(key) ?? true);
    const result = wanted.map(({ key, values }) => {
      const kept = Object.fromEntries(
        Object.entries(values).filter(([name]) => filter.fields?.includes(name) ?? true),
      );
      const text = JSON.stringify(kept);
      if (shown.get(key) === text) return { key, timestamp };
      shown.set(key, text);
      return { key, ...kept, timestamp };
    });
    return { result };
  };
}
