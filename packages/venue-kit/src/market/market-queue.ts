import type { FrameStore } from "@oath-ws/resilience";
import type { WsError } from "@oath-ws/contract";
import { copyHanded, nothingHanded } from "../topic/event-age.js";
import type { HandedEvent } from "../topic/event-age.js";
import type { TopicEvent } from "../topic/topic-event.js";
import type { MarketSource } from "./market-source.js";

/** One symbol of a reader. */
export interface Slot<T> {
  readonly source: MarketSource<T>;
  /** Its places in the queue: never more than events of it wait. */
  queued: number;
  /** What the reader was handed last of it. */
  readonly handed: HandedEvent;
  /** Set when nothing more comes of it. */
  end: { readonly error: WsError | undefined } | undefined;
  stopListening: () => void;
}

/** Places that were taken are removed from the array when there are so many. */
const COMPACT_AT = 1_024;

/**
 * The events of several symbols in the order in which they came, without a copy of them: a place in
 * the queue names the symbol, and the events wait where their own policy bounds them. With `latest`
 * a symbol has one place, and what stands there is the newest when its turn comes.
 */
export class MarketQueue<T> implements FrameStore<TopicEvent<T>> {
  readonly #onUnreadable: (event: TopicEvent<unknown>) => void;
  #places: (Slot<T> | undefined)[] = [];
  #head = 0;
  /** Events that one payload became, and how many of them were handed out. */
  #made: T[] = [];
  #nextMade = 0;
  #madeOf: { readonly slot: Slot<T>; readonly event: TopicEvent<unknown> } | undefined;
  /** The symbol that was handed out last. */
  last: Slot<T> | undefined;
  /** Shown each event that is handed out. */
  observer: ((event: TopicEvent<T>) => void) | undefined;

  constructor(onUnreadable: (event: TopicEvent<unknown>) => void) {
    this.#onUnreadable = onUnreadable;
  }

  /**
   * Adds a symbol. `onWake`: an event of it waits; `onEnd`: nothing more comes of it. Both may be
   * called before this returns.
   */
  attach(source: MarketSource<T>, onWake: () => void, onEnd: (slot: Slot<T>) => void): Slot<T> {
    const slot: Slot<T> = {
      source,
      queued: 0,
      handed: nothingHanded(),
      end: undefined,
      stopListening: () => undefined,
    };
    slot.stopListening = source.reader.listen({
      pushed: () => {
        if (slot.queued >= source.reader.waiting) return;
        slot.queued++;
        this.#places.push(slot);
        onWake();
      },
      ended: (error) => {
        slot.end = { error };
        onEnd(slot);
      },
    });
    return slot;
  }

  /** Forgets what waits of a symbol. */
  detach(slot: Slot<T>): void {
    slot.stopListening();
    slot.queued = 0;
    this.#places = this.#places.slice(this.#head).filter((other) => other !== slot);
    this.#head = 0;
    if (this.#madeOf?.slot !== slot) return;
    this.#made = [];
    this.#nextMade = 0;
    this.#madeOf = undefined;
  }

  /** Whether anything waits. Payloads that may become nothing are looked into. */
  get size(): number {
    for (;;) {
      if (this.#nextMade < this.#made.length) return 1;
      const slot = this.#places[this.#head];
      if (slot === undefined) return 0;
      // It is not made before it is read: until then a newer one may replace it.
      if (slot.source.mapping.kind === "one") return 1;
      this.#expand(slot);
    }
  }

  /** Whether a symbol has events that were made of a payload and wait still. */
  hasMade(slot: Slot<T>): boolean {
    return this.#madeOf?.slot === slot && this.#nextMade < this.#made.length;
  }

  shift(): TopicEvent<T> | undefined {
    const event = this.#shift();
    if (event !== undefined) this.observer?.(event);
    return event;
  }

  #shift(): TopicEvent<T> | undefined {
    for (;;) {
      const made = this.#takeMade();
      if (made !== undefined) return made;
      const slot = this.#places[this.#head];
      if (slot === undefined) return undefined;
      const { mapping, reader } = slot.source;
      if (mapping.kind === "many") {
        this.#expand(slot);
        continue;
      }
      const event = reader.take();
      this.#leave(slot);
      if (event === undefined) continue;
      const data = mapping.map(event.data);
      if (data === undefined) {
        this.#onUnreadable(event);
        continue;
      }
      copyHanded(reader.handed, slot.handed);
      this.last = slot;
      return eventOf(event, data);
    }
  }

  #takeMade(): TopicEvent<T> | undefined {
    if (this.#nextMade >= this.#made.length || this.#madeOf === undefined) return undefined;
    const { slot, event } = this.#madeOf;
    const data = this.#made[this.#nextMade++] as T;
    copyHanded(slot.source.reader.handed, slot.handed);
    this.last = slot;
    return eventOf(event, data);
  }

  /** Makes the events of the next payload of a symbol. */
  #expand(slot: Slot<T>): void {
    const { mapping, reader } = slot.source;
    const event = reader.take();
    this.#leave(slot);
    this.#made = [];
    this.#nextMade = 0;
    if (event === undefined || mapping.kind !== "many") return;
    this.#madeOf = { slot, event };
    try {
      mapping.map(event.data, this.#emit);
    } catch {
      // What was made of it before is not to be trusted either.
      this.#made = [];
      this.#onUnreadable(event);
    }
  }

  readonly #emit = (made: T): void => {
    this.#made.push(made);
  };

  /** The first place is taken. */
  #leave(slot: Slot<T>): void {
    slot.queued--;
    this.#places[this.#head++] = undefined;
    if (this.#head === this.#places.length) {
      this.#places.length = 0;
      this.#head = 0;
    } else if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#places.length) {
      this.#places = this.#places.slice(this.#head);
      this.#head = 0;
    }
  }
}

function eventOf<T>(event: TopicEvent<unknown>, data: T): TopicEvent<T> {
  const { topic, epoch, seq, receivedAt, isCurrent, gaps } = event;
  return { topic, data, epoch, seq, receivedAt, isCurrent, gaps };
}
