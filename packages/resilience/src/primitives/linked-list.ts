/** What can be in a {@link LinkedList}: in one at a time, and it knows in which. */
export class Linked<T extends Linked<T>> {
  list: LinkedList<T> | undefined = undefined;
  previous: T | undefined = undefined;
  next: T | undefined = undefined;
}

/**
 * Items in the order in which they were added, each of which can leave at any time. A `Set` does
 * the same; the links cost no hashing, and an empty list next to nothing.
 */
export class LinkedList<T extends Linked<T>> {
  #first: T | undefined = undefined;
  #last: T | undefined = undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The oldest item. */
  get first(): T | undefined {
    return this.#first;
  }

  /** Puts the item, which is in no list, behind the others. */
  add(item: T): void {
    item.list = this;
    item.previous = this.#last;
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    this.#size++;
  }

  /** Takes the item out. Returns whether it was in here. */
  delete(item: T): boolean {
    if (item.list !== this) return false;
    const { previous, next } = item;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    item.list = undefined;
    item.previous = undefined;
    item.next = undefined;
    this.#size--;
    return true;
  }

  /** The items, oldest first. The one that is being looked at may leave. */
  *[Symbol.iterator](): Generator<T, undefined> {
    for (let item = this.#first, next: T | undefined; item !== undefined; item = next) {
      next = item.next;
      yield item;
    }
    return undefined;
  }
}
