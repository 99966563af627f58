import type { FrameStore } from "@oath-ws/resilience";
import { nothingHanded } from "./event-age.js";
import type { HandedEvent } from "./event-age.js";
import type { TopicEvent } from "./topic-event.js";

/** Events that were discarded unread, one after the other. */
export interface Overflow {
  readonly fromSeq: number;
  readonly toSeq: number;
  /** When the first of them arrived. */
  readonly fromTime: number;
}

const FIRST_CAPACITY = 16;

/** A ring that held more is made small again when it is empty. */
const KEPT_CAPACITY = 1_024;

/**
 * A first-in first-out store of bounded length that drops the oldest, and tells the reader's side
 * of each hole once.
 *
 * How this works: slots form a ring that grows by doubling, so that events that come and go reuse
 * them and allocate nothing. Beside each slot stand two times; they are doubles in an array of
 * their own, which the engine stores without an object for each.
 */
export class EventRing<T> implements FrameStore<TopicEvent<T>> {
  readonly #max: number;
  readonly #onHole: (hole: Overflow, next: TopicEvent<unknown>) => void;
  /** A power of two of them. */
  #slots: (TopicEvent<T> | undefined)[] = [];
  /** When the event of each slot arrived, in elapsed milliseconds. */
  #arrivals: number[] = [];
  /** The venue's time of it, in Unix milliseconds; `NaN` where it has none. */
  #venueTimes: number[] = [];
  #head = 0;
  #size = 0;
  #hole: Overflow | undefined;
  dropped = 0;
  /** What was handed out last; only its numbers are kept. */
  readonly handed: HandedEvent = nothingHanded();

  /**
   * @param max events that wait at most
   * @param onHole told of each hole when the event behind it is handed out
   */
  constructor(max: number, onHole: (hole: Overflow, next: TopicEvent<unknown>) => void) {
    this.#max = max;
    this.#onHole = onHole;
  }

  get size(): number {
    return this.#size;
  }

  /** When the oldest one that waits arrived; `undefined` when none waits. */
  get oldestArrival(): number | undefined {
    return this.#size === 0 ? undefined : this.#arrivals[this.#head];
  }

  push(event: TopicEvent<T>, arrivedAt: number, venueMs: number | undefined): void {
    if (this.#size >= this.#max) this.#drop();
    if (this.#size === this.#slots.length) this.#resize(this.#size * 2);
    const at = (this.#head + this.#size) & (this.#slots.length - 1);
    this.#slots[at] = event;
    this.#arrivals[at] = arrivedAt;
    this.#venueTimes[at] = venueMs ?? Number.NaN;
    this.#size++;
  }

  shift(): TopicEvent<T> | undefined {
    const { handed } = this;
    const at = this.#head;
    const event = this.#remove();
    if (event === undefined) return undefined;
    handed.arrivedAt = this.#arrivals[at] ?? Number.NaN;
    handed.venueMs = this.#venueTimes[at] ?? Number.NaN;
    handed.epoch = event.epoch;
    handed.isCurrent = event.isCurrent;
    if (this.#size === 0 && this.#slots.length > KEPT_CAPACITY) this.#resize(0);
    if (this.#hole !== undefined) {
      const hole = this.#hole;
      this.#hole = undefined;
      this.#onHole(hole, event);
    }
    return event;
  }

  #drop(): void {
    const event = this.#remove();
    if (event === undefined) return;
    this.dropped++;
    const { fromSeq, fromTime } = this.#hole ?? { fromSeq: event.seq, fromTime: event.receivedAt };
    this.#hole = { fromSeq, toSeq: event.seq, fromTime };
  }

  #remove(): TopicEvent<T> | undefined {
    if (this.#size === 0) return undefined;
    const event = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size--;
    return event;
  }

  /** Moves what waits to slots of another number. */
  #resize(atLeast: number): void {
    // One that never holds more than one event needs no more room than that.
    const length = Math.max(atLeast, this.#max === 1 ? 1 : FIRST_CAPACITY);
    const slots = new Array<TopicEvent<T> | undefined>(length).fill(undefined);
    const arrivals = new Array<number>(length).fill(Number.NaN);
    const venueTimes = new Array<number>(length).fill(Number.NaN);
    for (let index = 0; index < this.#size; index++) {
      const from = (this.#head + index) & (this.#slots.length - 1);
      slots[index] = this.#slots[from];
      arrivals[index] = this.#arrivals[from] ?? Number.NaN;
      venueTimes[index] = this.#venueTimes[from] ?? Number.NaN;
    }
    this.#slots = slots;
    this.#arrivals = arrivals;
    this.#venueTimes = venueTimes;
    this.#head = 0;
  }
}
