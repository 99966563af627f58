/** Items in the order in which they came, each given to one waiting `next()`. */
export class Mailbox<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((item: T) => void)[] = [];

  push(item: T): void {
    const first = this.#waiting.shift();
    if (first === undefined) this.#items.push(item);
    else first(item);
  }

  /** The next item, once there is one. */
  next(): Promise<T> {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift() as T);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
