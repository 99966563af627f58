/** One scheduled callback. */
export interface HeapEntry {
  readonly deadline: number;
  /** Position in the order of scheduling; decides between equal deadlines. */
  readonly order: number;
  /** `undefined` once cancelled or fired, so that a cancelled entry holds on to nothing. */
  run: (() => void) | undefined;
}

/** Below this many cancelled entries the heap is left alone. */
const COMPACT_AFTER = 64;

/**
 * A binary heap of callbacks, earliest deadline first and first scheduled first among equals.
 * Cancelling is constant time: the entry is emptied where it lies and swept out later, when half of
 * the heap is empty entries, so a test that arms and cancels a watchdog per frame does not grow the
 * heap.
 */
export class DeadlineHeap {
  #entries: HeapEntry[] = [];
  #cancelled = 0;

  /** Entries that will still fire. */
  get size(): number {
    return this.#entries.length - this.#cancelled;
  }

  /** Entries that take up memory, cancelled ones included. */
  get storedCount(): number {
    return this.#entries.length;
  }

  push(entry: HeapEntry): void {
    this.#entries.push(entry);
    this.#up(this.#entries.length - 1);
  }

  /** The entry that fires next, which stays in the heap. */
  peek(): HeapEntry | undefined {
    for (let top = this.#entries[0]; top !== undefined; top = this.#entries[0]) {
      if (top.run !== undefined) return top;
      this.#removeTop();
      this.#cancelled--;
    }
    return undefined;
  }

  /** Removes and returns the entry that fires next. */
  pop(): HeapEntry | undefined {
    const top = this.peek();
    if (top !== undefined) this.#removeTop();
    return top;
  }

  /** Empties an entry that is in the heap. */
  cancel(entry: HeapEntry): void {
    entry.run = undefined;
    this.#cancelled++;
    if (this.#cancelled <= COMPACT_AFTER || this.#cancelled * 2 <= this.#entries.length) return;
    // A sorted array is a heap.
    this.#entries = this.#entries.filter((kept) => kept.run !== undefined).toSorted(compare);
    this.#cancelled = 0;
  }

  #removeTop(): void {
    const last = this.#entries.pop();
    if (last === undefined || this.#entries.length === 0) return;
    this.#entries[0] = last;
    this.#down(0);
  }

  #up(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  #down(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const child = this.#isBefore(right, left) ? right : left;
      if (!this.#swapIfBefore(child, index)) return;
      index = child;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#entries[a];
    const second = this.#entries[b];
    return first !== undefined && second !== undefined && compare(first, second) < 0;
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const below = this.#entries[child];
    const above = this.#entries[parent];
    if (below === undefined || above === undefined || compare(below, above) >= 0) return false;
    this.#entries[child] = above;
    this.#entries[parent] = below;
    return true;
  }
}

function compare(a: HeapEntry, b: HeapEntry): number {
  return a.deadline - b.deadline || a.order - b.order;
}
