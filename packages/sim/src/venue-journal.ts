import { WaitList } from "./wait-list.js";

/** Entries kept of each list. */
const KEPT = 10_000;

/**
 * What the journals of all venues have in common: counters, lists that do not grow for ever, and waiting for a state. A venue adds what it
 * writes down, and how its statistics look.
 */
export abstract class VenueJournal<Stats, Counter extends string, Why extends string> {
  readonly #counts: Record<Counter, number>;
  readonly #disconnects: Record<Why, number>;
  readonly #waits: WaitList<Stats> = new WaitList(() => this.snapshot());

  /** Both with every name and its first value, 0. */
  constructor(counts: Readonly<Record<Counter, number>>, disconnects: Readonly<Record<Why, number>>) {
    this.#counts = { ...counts };
    this.#disconnects = { ...disconnects };
  }

  /** The statistics as they are now. */
  abstract snapshot(): Stats;

  count(counter: Counter, by = 1): void {
    this.#counts[counter] += by;
    this.changed();
  }

  /** The simulator ended a connection by itself. */
  disconnected(why: Why): void {
    this.#disconnects[why]++;
    this.changed();
  }

  /** Something that a snapshot shows has changed: conditions are looked at again, soon. */
  changed(): void {
    this.#waits.changed();
  }

  /** Resolves with the first snapshot that satisfies the condition. */
  waitFor(condition: (stats: Stats) => boolean, signal?: AbortSignal): Promise<Stats> {
    return this.#waits.waitFor(condition, signal);
  }

  /** Ends all waiting. */
  close(): void {
    this.#waits.close("the simulator is closed");
  }

  /** All counters as they are now. */
  protected totals(): Record<Counter, number> & { readonly disconnects: Record<Why, number> } {
    return { ...this.#counts, disconnects: { ...this.#disconnects } };
  }

  /** Adds to a list, of which the oldest entries go. */
  protected keep<T>(list: T[], entry: T): void {
    list.push(entry);
    if (list.length > KEPT) list.shift();
    this.changed();
  }
}
