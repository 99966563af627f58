import { TOPICS } from "./messages.js";
import type { ReaderNews } from "./messages.js";

/** What must be nothing, and what was lost and said so. */
export interface Count {
  readonly delivered: number;
  /** Ids that a gap record names. */
  readonly declared: number;
  readonly unaccounted: number;
  readonly repeated: number;
  readonly outOfOrder: number;
}

/** Compares what a reader was handed with the simulator's record: ids from 1 without a hole. */
export class Audit {
  readonly #told = new Map<string, Map<number, "event" | "gap">>();
  readonly #first = new Map<string, number>();
  readonly #last = new Map<string, number>();
  #delivered = 0;
  #repeated = 0;
  #outOfOrder = 0;

  take({ ids, gaps }: Pick<ReaderNews, "ids" | "gaps">): void {
    for (const { topic, fromSeq, toSeq, reason } of gaps) {
      // One of overflow is in our own numbers, and no stream of this run overflows.
      if (fromSeq === undefined || toSeq === undefined || reason === "overflow") continue;
      for (let id = fromSeq; id <= toSeq; id++) this.#of(topic).set(id, "gap");
    }
    for (const [topic, read] of Object.entries(ids)) for (const id of read) this.#event(topic, id);
  }

  /** Whether everything up to these ids was handed out, or declared. */
  hasReached(upTo: ReadonlyMap<string, number>): boolean {
    return TOPICS.every((topic) => (this.#last.get(topic) ?? 0) >= (upTo.get(topic) ?? 0));
  }

  count(upTo: ReadonlyMap<string, number>): Count {
    let unaccounted = 0;
    let declared = 0;
    for (const topic of TOPICS) {
      const told = this.#of(topic);
      const first = this.#first.get(topic) ?? 1;
      for (let id = first; id <= (upTo.get(topic) ?? 0); id++) {
        const how = told.get(id);
        if (how === undefined) unaccounted++;
        else if (how === "gap") declared++;
      }
    }
    return {
      delivered: this.#delivered,
      declared,
      unaccounted,
      repeated: this.#repeated,
      outOfOrder: this.#outOfOrder,
    };
  }

  #event(topic: string, id: number): void {
    const told = this.#of(topic);
    if (!this.#first.has(topic)) this.#first.set(topic, id);
    const last = this.#last.get(topic) ?? 0;
    if (told.get(id) === "event") this.#repeated++;
    else if (id <= last) this.#outOfOrder++;
    told.set(id, "event");
    this.#last.set(topic, Math.max(last, id));
    this.#delivered++;
  }

  #of(topic: string): Map<number, "event" | "gap"> {
    const known = this.#told.get(topic);
    if (known !== undefined) return known;
    const told = new Map<number, "event" | "gap">();
    this.#told.set(topic, told);
    return told;
  }
}
