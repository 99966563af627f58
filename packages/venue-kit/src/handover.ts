import type { Session } from "./session.js";

/** An event that waits for the switch. */
export interface HeldEvent<T> {
  readonly data: T;
  readonly session: Session;
  readonly receivedAt: number;
}

/**
 * One topic during a planned renewal, when two connections carry it. Events come from the old connection until both are seen to carry the
 * same event; from there on from the new one. So the switch is exact: nothing is lost while the new one warms up, and nothing comes twice,
 * whichever of the two is ahead.
 */
export class Handover<T> {
  readonly #identity: (data: T) => number | string;
  readonly #maxHeld: number;
  /** What the old connection has delivered since the overlap began. */
  readonly #delivered = new Set<number | string>();
  #held: HeldEvent<T>[] = [];
  readonly #heldIds = new Set<number | string>();
  #joined = false;

  /** @param maxHeld events of the new connection that may wait for the old one to catch up; one more, and it is not waited for */
  constructor(identity: (data: T) => number | string, maxHeld = 10_000) {
    this.#identity = identity;
    this.#maxHeld = maxHeld;
  }

  /** Whether the new connection carries the topic now. */
  get joined(): boolean {
    return this.#joined;
  }

  /** An event of the old connection: `true` when it is to be delivered. Afterwards {@link release} what may have become free. */
  old(data: T): boolean {
    if (this.#joined) return false;
    const id = this.#identity(data);
    this.#delivered.add(id);
    if (this.#heldIds.has(id)) this.#joined = true;
    return true;
  }

  /** An event of the new connection. Afterwards {@link release} what may have become free. */
  successor(event: HeldEvent<T>): void {
    const id = this.#identity(event.data);
    // The new one is behind the old one: this was delivered already.
    if (this.#delivered.has(id)) {
      this.#joined = true;
      return;
    }
    this.#held.push(event);
    if (!this.#joined) this.#heldIds.add(id);
    if (this.#held.length > this.#maxHeld) this.#joined = true;
  }

  /** The old connection is gone, with everything that it had to deliver. */
  finish(): void {
    this.#joined = true;
  }

  /** Whether the old connection delivered this event during the overlap. */
  delivered(data: T): boolean {
    return this.#delivered.has(this.#identity(data));
  }

  /** The events that may be delivered now, in their order. */
  release(): readonly HeldEvent<T>[] {
    if (!this.#joined || this.#held.length === 0) return [];
    const free = this.#held.filter(({ data }) => !this.#delivered.has(this.#identity(data)));
    this.#held = [];
    return free;
  }
}
