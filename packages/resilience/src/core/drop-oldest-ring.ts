/** What the ring must know of an item. */
export interface Sized {
  /** The size of its payload: what is counted when the item is dropped. */
  readonly byteLength: number;
  /**
   * The memory that is in use because of it: what the bound counts. Items that share memory count
   * it once, with the first of them, and 0 with the others.
   */
  readonly retainedBytes: number;
}

const FIRST_CAPACITY = 16;

/** Shared by all rings that nothing was put into: it stays empty. */
const NO_SLOTS: undefined[] = [];

/**
 * A first-in first-out buffer with two bounds, items and bytes of memory. When either is passed the
 * oldest items go, and are counted. The newest is always admitted, so the memory in use peaks at
 * `maxBytes` plus one item and the rest of the memory that the oldest item shares (ADR-0044).
 *
 * Grows by doubling from nothing, so that an idle connection costs nothing.
 */
export class DropOldestRing<T extends Sized> {
  readonly #maxFrames: number;
  readonly #maxBytes: number;
  #slots: (T | undefined)[] = NO_SLOTS;
  #mask = 0;
  #head = 0;
  #size = 0;
  #bytes = 0;
  #dropped = 0;
  #droppedBytes = 0;

  constructor(maxFrames: number, maxBytes: number) {
    this.#maxFrames = maxFrames;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes of memory that the items use now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Items dropped so far, or passed over by {@link skip}. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Payload bytes of those items. */
  get droppedBytes(): number {
    return this.#droppedBytes;
  }

  push(item: T): void {
    const length = item.retainedBytes;
    while (
      this.#size > 0 &&
      (this.#size >= this.#maxFrames || this.#bytes + length > this.#maxBytes)
    )
      this.drop();
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#size) & this.#mask] = item;
    this.#size++;
    this.#bytes += length;
  }

  /** Counts items that were lost before they could come in as dropped. */
  skip(items: number, bytes: number): void {
    this.#dropped += items;
    this.#droppedBytes += bytes;
  }

  /** The oldest item, which stays. */
  peek(): T | undefined {
    return this.#slots[this.#head];
  }

  shift(): T | undefined {
    return this.#size === 0 ? undefined : this.#shift();
  }

  /** The oldest items, `max` at most. */
  shiftMany(max: number): T[] {
    const batch: T[] = [];
    for (let left = Math.min(max, this.#size); left > 0; left--) batch.push(this.#shift());
    return batch;
  }

  /** Drops the oldest item, and counts it. */
  drop(): void {
    const item = this.shift();
    if (item === undefined) return;
    this.#dropped++;
    this.#droppedBytes += item.byteLength;
  }

  /** There is one. */
  #shift(): T {
    const item = this.#slots[this.#head] as T;
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.#size--;
    this.#bytes -= item.retainedBytes;
    return item;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Array<T | undefined>(Math.max(FIRST_CAPACITY, old.length * 2)).fill(
      undefined,
    );
    for (let i = 0; i < this.#size; i++) slots[i] = old[(this.#head + i) & this.#mask];
    this.#slots = slots;
    this.#mask = slots.length - 1;
    this.#head = 0;
  }
}
