import { KeptList } from "./kept-list.js";
import type { SimTimer } from "./platform.js";
import type { VenueCounts } from "./venue-counts.js";
import { WaitList } from "./wait-list.js";

/** What the statistics of all venues list: attempts to connect, and faults that happened. */
interface VenueLists {
  readonly connects: ReadonlyArray<{ readonly connection: number | undefined }>;
  readonly faults: readonly unknown[];
}

/**
 * What the journals of all venues have in common: counters, lists that do not grow for ever, and
 * waiting for a state. A venue adds what it writes down, and how its statistics look.
 */
export abstract class VenueJournal<
  Stats extends VenueLists,
  Counter extends string,
  Why extends string,
> {
  readonly #counts: Record<keyof VenueCounts | Counter, number>;
  readonly #disconnects: Record<Why, number>;
  readonly #connects = new KeptList<Stats["connects"][number]>();
  readonly #faults = new KeptList<Stats["faults"][number]>();
  readonly #waits: WaitList<Stats>;

  /** Counters with every name and its first value, 0. */
  constructor(
    timer: SimTimer,
    counts: Readonly<Record<keyof VenueCounts | Counter, number>>,
    disconnects: Readonly<Record<Why, number>>,
  ) {
    this.#waits = new WaitList(() => this.snapshot(), timer);
    this.#counts = { ...counts };
    this.#disconnects = { ...disconnects };
  }

  /** The statistics as they are now. */
  abstract snapshot(): Stats;

  count(counter: keyof VenueCounts | Counter, by = 1): void {
    this.#counts[counter] += by;
    this.changed();
  }

  /** A client tried to connect; those that got a connection are in. */
  connect(record: Stats["connects"][number]): void {
    this.keep(this.#connects, record);
    this.count(record.connection === undefined ? "refused" : "accepted");
  }

  /** The simulator ended a connection by itself. */
  disconnected(why: Why): void {
    this.#disconnects[why]++;
    this.changed();
  }

  fault(applied: Stats["faults"][number]): void {
    this.keep(this.#faults, applied);
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

  /** What all venues write down, as it is now. */
  protected common(): Record<keyof VenueCounts | Counter, number> & {
    readonly disconnects: Record<Why, number>;
    readonly connects: readonly Stats["connects"][number][];
    readonly faults: readonly Stats["faults"][number][];
  } {
    return {
      ...this.#counts,
      disconnects: { ...this.#disconnects },
      connects: this.#connects.copy(),
      faults: this.#faults.copy(),
    };
  }

  /** Adds to a list. */
  protected keep<T>(list: KeptList<T>, entry: T): void {
    list.add(entry);
    this.changed();
  }
}
