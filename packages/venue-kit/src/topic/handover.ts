import type { Session } from "./session.js";

/** An event that waits for the switch. */
export interface HeldEvent<T> {
  readonly data: T;
  readonly session: Session;
  readonly receivedAt: number;
  /** The same in elapsed milliseconds, as it was known when the event arrived. */
  readonly arrivedAt: number;
}

/**
 * One topic during a planned renewal, when two connections carry it. Events come from the old
 * connection until both are seen to carry the same event; from there on from the new one. So the
 * switch is exact: nothing is lost while the new one warms up, and nothing comes twice, whichever
 * of the two is ahead.
 */
export class Handover<T> {
  readonly #identity: (data: T) => number | string;
  readonly #maxHeld: number;
  /** What was delivered since the overlap began. */
  readonly #delivered: Set<number | string>;
  #held: HeldEvent<T>[] = [];
  readonly #heldIds = new Set<number | string>();
  /** The last of them. */
  #last: number | string | undefined;
  /** Whether the new connection has not brought that one yet. */
  #behind = false;
  #joined = false;
  #torn = false;

  /**
   * @param maxHeld events of the new connection that may wait for the old one to catch up; one
   *   more, and it is not waited for
   * @param past the one before, if the old connection may still bring what was delivered then
   */
  constructor(identity: (data: T) => number | string, maxHeld = 10_000, past?: Handover<T>) {
    this.#identity = identity;
    this.#maxHeld = maxHeld;
    this.#delivered = new Set(past === undefined ? [] : past.#delivered);
    this.#last = past === undefined ? undefined : past.#last;
    // Which the connection before has not brought yet; the new one neither.
    this.#behind = past !== undefined;
  }

  /** Whether the new connection carries the topic now. */
  get joined(): boolean {
    return this.#joined;
  }

  /**
   * Whether the new connection took over although both had brought events and none that is the
   * same: what the old one had still to bring is lost, and how the two belong together cannot be
   * told.
   */
  get isTorn(): boolean {
    return this.#torn;
  }

  /**
   * Whether the old connection was heard last: the new one will bring again what was delivered
   * already.
   */
  get isBehind(): boolean {
    return this.#behind;
  }

  /**
   * An event of the old connection: `true` when it is to be delivered. Afterwards {@link release}
   * what may have become free: the event itself, too, if the new connection has brought it, after
   * what that had brought before and the old one left out.
   */
  old(data: T): boolean {
    if (this.#joined) return false;
    const id = this.#identity(data);
    if (this.#heldIds.has(id)) {
      this.#joined = true;
      this.#behind = false;
      return false;
    }
    if (this.#delivered.has(id)) return false;
    this.#delivered.add(id);
    this.#last = id;
    this.#behind = true;
    return true;
  }

  /** An event of the new connection. Afterwards {@link release} what may have become free. */
  successor(event: HeldEvent<T>): void {
    const id = this.#identity(event.data);
    // The new one is behind the old one: this was delivered already.
    if (this.#delivered.has(id)) {
      // What it brought before comes before something that was delivered: too late.
      if (!this.#joined) this.#held = [];
      this.#joined = true;
      if (id === this.#last) this.#behind = false;
      return;
    }
    this.#held.push(event);
    if (!this.#joined) this.#heldIds.add(id);
    if (this.#held.length <= this.#maxHeld) return;
    this.#joined = true;
    this.#torn = true;
    this.#behind = false;
  }

  /** The old connection is gone, with everything that it had to deliver. */
  finish(): void {
    this.#torn = !this.#joined && this.#behind && this.#held.length > 0;
    this.#joined = true;
  }

  /** Whether this event was delivered during the overlap. */
  delivered(data: T): boolean {
    return this.#delivered.has(this.#identity(data));
  }

  /**
   * Whether this event is the last one that was delivered during the overlap: all that follow are
   * new.
   */
  isLast(data: T): boolean {
    return this.#identity(data) === this.#last;
  }

  /** The events that may be delivered now, in their order. */
  release(): readonly HeldEvent<T>[] {
    if (!this.#joined || this.#held.length === 0) return [];
    const free = this.#held.filter(({ data }) => !this.#delivered.has(this.#identity(data)));
    this.#held = [];
    for (const { data } of free) {
      const id = this.#identity(data);
      this.#delivered.add(id);
      if (!this.#behind) this.#last = id;
    }
    return free;
  }
}
