import type { AccountEvent } from "./user-data-events.js";

/** Reports of executions that are remembered. */
const MAX_REPORTS = 200;

/**
 * Finds events that the venue sends a second time on a connection. Nothing numbers them (B-50), so
 * an event is taken for a repetition when it is equal to the letter, event time included: a report
 * of an execution, which has an id, to one of the last 200 reports; any other event, which may
 * rightly say again what one said before the last, to the last one of its kind only.
 */
export class RepeatedEvents {
  /** The oldest first. */
  readonly #reports = new Set<string>();
  readonly #last = new Map<string, string>();

  /** Whether the event was seen before. Notes it. */
  isRepeated(event: AccountEvent): boolean {
    const text = JSON.stringify(event);
    if (event.e !== "executionReport") {
      const isSame = this.#last.get(event.e) === text;
      this.#last.set(event.e, text);
      return isSame;
    }
    if (this.#reports.has(text)) return true;
    this.#reports.add(text);
    for (const oldest of this.#reports) {
      if (this.#reports.size <= MAX_REPORTS) break;
      this.#reports.delete(oldest);
    }
    return false;
  }
}
