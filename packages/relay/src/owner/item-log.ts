import { RESET_DISTANCE } from "@oath-ws/venue-kit";
import { ITEM_BYTES, MAX_ITEMS } from "../wire/batch.js";
import type { Item } from "../wire/item.js";

/** An item as the log keeps it. */
export interface LoggedItem extends Item {
  /** The ids of the topic begin again after this one. */
  readonly isReset?: boolean;
}

/** What is sent next: consecutive items, and the number of the first. */
export interface Slice {
  readonly first: number;
  readonly items: readonly LoggedItem[];
}

/** The objects around a payload, in bytes; measured as about that on Node 20. */
const OVERHEAD_BYTES = 200;

/**
 * What a relay keeps of its line: items that are not in the stream yet, and those of the last
 * minutes that are, because an engine may forget what it acknowledged.
 *
 * How this works: items of an owner have consecutive numbers within its term. They are sent in
 * order from `#next`; a failure sets `#next` back to what the stream has. What is dropped unsent
 * leaves a hole in the numbers, which every reader sees. A relay that stands by keeps items without
 * numbers; they are numbered when it becomes the owner, without those that the stream has.
 */
export class ItemLog {
  readonly #maxBytes: number;
  readonly #keepMs: number;
  #items: LoggedItem[] = [];
  #head = 0;
  /** The number of the item at `#head`. */
  #base = 1;
  #next = 1;
  #acked = 0;
  #bytes = 0;
  #lost = 0;
  #isNumbered = false;

  /**
   * @param maxBytes memory for items, in bytes
   * @param keepMs how long items are kept that are in the stream, or while standing by
   */
  constructor(maxBytes: number, keepMs: number) {
    this.#maxBytes = maxBytes;
    this.#keepMs = keepMs;
  }

  /** Items that an owner dropped before the stream had them. */
  get lost(): number {
    return this.#lost;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The number of the next item that is pushed. */
  get upcoming(): number {
    return this.#base + this.#size;
  }

  /** The number of the next item that is sent. */
  get next(): number {
    return this.#next;
  }

  /** Items that the stream does not have. */
  get waiting(): number {
    return this.#isNumbered ? this.upcoming - 1 - this.#acked : 0;
  }

  get hasNext(): boolean {
    return this.#isNumbered && this.#next < this.upcoming;
  }

  get #size(): number {
    return this.#items.length - this.#head;
  }

  push(item: LoggedItem): void {
    const bytes = item.payload.length + OVERHEAD_BYTES;
    while (this.#size > 0 && this.#bytes + bytes > this.#maxBytes) this.#drop();
    this.#items.push(item);
    this.#bytes += bytes;
    this.#trim(item.at);
  }

  /** The next items to be sent, within these bounds; at least one. */
  take(maxBytes: number): Slice | undefined {
    if (!this.hasNext) return undefined;
    const first = this.#next;
    const from = this.#head + (first - this.#base);
    const items: LoggedItem[] = [];
    let bytes = 0;
    for (let at = from; at < this.#items.length && items.length < MAX_ITEMS; at++) {
      const item = this.#items[at];
      if (item === undefined) break;
      bytes += item.payload.length + ITEM_BYTES;
      if (items.length > 0 && bytes > maxBytes) break;
      items.push(item);
    }
    this.#next = first + items.length;
    return { first, items };
  }

  /** The stream has everything up to this number. */
  confirm(last: number): void {
    this.#acked = Math.max(this.#acked, last);
  }

  /** The stream ends with this number of our own term, whatever it acknowledged before. */
  resume(last: number): void {
    this.#acked = last;
    this.#next = Math.max(last + 1, this.#base);
  }

  /**
   * A new term begins. Of what was logged only events remain whose ids the stream does not have.
   * Other items cannot be told from those that the last owner appended; `fresh` says where
   * everything stands now, and comes first.
   *
   * @param ids the last id of each topic in the stream
   */
  begin(ids: ReadonlyMap<number, number>, fresh: readonly LoggedItem[]): void {
    const kept = missing(this.#items.slice(this.#head), ids);
    this.#items = [...fresh, ...kept];
    this.#head = 0;
    this.#base = 1;
    this.#next = 1;
    this.#acked = 0;
    this.#isNumbered = true;
    this.#bytes = this.#items.reduce(
      (sum, { payload }) => sum + payload.length + OVERHEAD_BYTES,
      0,
    );
  }

  #trim(now: number): void {
    for (;;) {
      const oldest = this.#items[this.#head];
      if (oldest === undefined || now - oldest.at <= this.#keepMs) return;
      if (this.#isNumbered && this.#base > this.#acked) return;
      this.#drop();
    }
  }

  #drop(): void {
    const item = this.#items[this.#head];
    if (item === undefined) return;
    this.#bytes -= item.payload.length + OVERHEAD_BYTES;
    this.#head++;
    if (this.#isNumbered && this.#base > this.#acked) this.#lost++;
    this.#base++;
    this.#next = Math.max(this.#next, this.#base);
    if (this.#head >= 1_024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}

/** The events among the items whose ids the stream does not have, and where ids begin again. */
function missing(
  items: readonly LoggedItem[],
  ids: ReadonlyMap<number, number>,
): readonly LoggedItem[] {
  const newest = new Map<number, number>();
  const resets = new Map<number, LoggedItem>();
  for (const item of items) {
    const { topic, lastId } = item;
    if (topic === undefined) continue;
    if (item.isReset === true) resets.set(topic, item);
    else if (lastId !== undefined) newest.set(topic, lastId);
  }
  const isOlderCount = (topic: number): boolean =>
    resets.has(topic) && (ids.get(topic) ?? 0) > (newest.get(topic) ?? 0) + RESET_DISTANCE;
  const begun = new Set<number>();
  return items.filter((item) => {
    const { topic, lastId } = item;
    if (topic === undefined) return false;
    if (item.isReset === true) {
      if (resets.get(topic) !== item) return false;
      begun.add(topic);
      return isOlderCount(topic);
    }
    if (item.kind !== "event" || lastId === undefined) return false;
    if (resets.has(topic) && !begun.has(topic)) return false;
    return isOlderCount(topic) || lastId > (ids.get(topic) ?? Number.NEGATIVE_INFINITY);
  });
}
