import type { Writable } from "node:stream";

/**
 * Gathers the writes of one turn. The first goes to the kernel at once, because an order must not
 * wait for the rest of the turn; those behind it leave in one call when the turn is over.
 */
export class TurnCork {
  readonly #stream: Writable;
  #corked = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** Something was written. */
  written(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#stream.cork();
    process.nextTick(TurnCork.#turnOver, this);
  }

  static #turnOver(this: void, cork: TurnCork): void {
    cork.#corked = false;
    cork.#stream.uncork();
  }
}
