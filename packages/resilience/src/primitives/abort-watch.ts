import type { CancelSignal } from "@oath-ws/contract";
import { onAbort } from "./cancelled.js";

interface Watched<T> {
  readonly items: Set<T>;
  readonly unlisten: () => void;
}

/**
 * Items that are given up by signals. Many items may share a signal: it is listened to once, since
 * Node warns of a leak when more than ten listen. A signal without items is let go.
 */
export class AbortWatch<T> {
  readonly #giveUp: (item: T, reason: unknown) => void;
  readonly #signals = new Map<CancelSignal, Watched<T>>();

  /** @param giveUp is called once for each item of a signal that aborts, which is then let go */
  constructor(giveUp: (item: T, reason: unknown) => void) {
    this.#giveUp = giveUp;
  }

  /** Watches the signal, which is not aborted, for the item. */
  add(signal: CancelSignal, item: T): void {
    const watched = this.#signals.get(signal);
    if (watched !== undefined) {
      watched.items.add(item);
      return;
    }
    const unlisten = onAbort(signal, () => this.#aborted(signal));
    this.#signals.set(signal, { items: new Set([item]), unlisten });
  }

  /** The item is settled. Does nothing if it is not watched. */
  delete(signal: CancelSignal, item: T): void {
    const watched = this.#signals.get(signal);
    if (watched?.items.delete(item) !== true || watched.items.size > 0) return;
    this.#signals.delete(signal);
    watched.unlisten();
  }

  #aborted(signal: CancelSignal): void {
    const watched = this.#signals.get(signal);
    if (watched === undefined) return;
    this.#signals.delete(signal);
    watched.unlisten();
    for (const item of watched.items) this.#giveUp(item, signal.reason);
  }
}
