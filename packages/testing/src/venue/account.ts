import type { GapRecord, TopicEvent } from "@oath-ws/venue-kit";
import type { TopicUnderTest } from "./venue-under-test.js";
import { expectThat } from "./violation.js";

/**
 * Keeps account of a topic's items: each is delivered once and in order, or the stream says before
 * the next event that some are missing. A hole is announced by a `gaps` that rose, by an overflow
 * record that covers the hole in our own numbers, or by an event that holds everything.
 */
export class Account {
  readonly #topic: TopicUnderTest;
  #before: TopicEvent<unknown> | undefined;
  #lastItem: number | undefined;
  /**
   * Items up to this one were in an event that held everything, and may come once more, one by one.
   */
  #wholeUpTo = 0;
  #holes = 0;
  /** Why items may be missing before the next one. */
  readonly #excuses = new Set<"gap" | "overflow">();

  constructor(topic: TopicUnderTest) {
    this.#topic = topic;
  }

  /** The last item so far; 0 before the first. */
  get lastItem(): number {
    return this.#lastItem ?? 0;
  }

  /** Holes that were announced. */
  get holes(): number {
    return this.#holes;
  }

  /** Takes an event in. Throws a Violation when something is unaccounted for. */
  enter(event: TopicEvent<unknown>): void {
    if (this.#before !== undefined) this.#compare(this.#before, event);
    this.#before = event;
    const content = this.#topic.read(event.data);
    if (content === undefined) return;
    const { items, whole } = content;
    if (whole) {
      const last = items.at(-1) ?? 0;
      expectThat(
        last >= this.lastItem,
        `a snapshot ends with item ${last}, but ${this.lastItem} was delivered before`,
      );
      expectThat(
        items.every((item, at) => item === at + 1),
        `a snapshot has not all of its ${last} items`,
      );
      this.#lastItem = last;
      this.#wholeUpTo = last;
      this.#excuses.clear();
      return;
    }
    for (const item of items) this.#item(item);
  }

  #item(item: number): void {
    const last = this.#lastItem;
    if (last !== undefined && item <= last) {
      expectThat(item <= this.#wholeUpTo, `item ${item} comes again, after ${last}`);
      return;
    }
    if (last !== undefined && item > last + 1) {
      expectThat(
        this.#excuses.size > 0,
        `items ${last + 1} to ${item - 1} are missing, and nothing says so`,
      );
      this.#holes++;
      if (this.#topic.namesMissing && !this.#excuses.has("overflow"))
        this.#expectNamed(last + 1, item - 1);
    }
    this.#lastItem = item;
    this.#excuses.clear();
  }

  #compare(before: TopicEvent<unknown>, event: TopicEvent<unknown>): void {
    if (event.gaps > before.gaps) this.#excuses.add("gap");
    if (event.seq === before.seq + 1) return;
    const [from, to] = [before.seq + 1, event.seq - 1];
    const told = this.#topic
      .gaps()
      .some((gap) => gap.reason === "overflow" && covers(gap, from, to));
    expectThat(
      told,
      `events ${from} to ${to} of the stream were dropped, and no gap record says so`,
    );
    this.#excuses.add("overflow");
  }

  #expectNamed(from: number, to: number): void {
    const named = this.#topic
      .gaps()
      .some((gap) => gap.reason !== "overflow" && gap.fromSeq === from && gap.toSeq === to);
    expectThat(named, `items ${from} to ${to} are missing, and no gap record names them`);
  }
}

function covers({ fromSeq, toSeq }: GapRecord, from: number, to: number): boolean {
  return fromSeq !== undefined && toSeq !== undefined && fromSeq <= from && toSeq >= to;
}
