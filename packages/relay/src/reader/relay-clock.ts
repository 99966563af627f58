import type { Timer } from "@oath-ws/contract";
import { ClockOffset } from "@oath-ws/venue-kit";
import type { StoredMessage } from "../engine/engine.js";
import type { Item } from "../wire/item.js";
import type { ItemTimes } from "./relayed-topic.js";

/** How far back the fastest watermark counts, in milliseconds. */
const WINDOW_MS = 60_000;

/**
 * Tells how old items are, without comparing clocks of different machines: an item's age is what
 * its owner says, plus the time since the engine stored it by the engine's own clock. How far that
 * clock is from ours is the smallest difference of the last minute, so that a watermark that was
 * late on its way makes nothing look younger. After half a minute without one, such as a sleep of
 * the machine, what is read first has waited in the engine: the difference of before counts on.
 *
 * A reader that begins knows nothing of the engine's clock: the newest message may be of any age.
 * How old items are is known from the first message on that was stored after the reader asked where
 * the stream ends, and that came soon after that. What is read before is of unknown age.
 */
export class RelayClock {
  readonly #timer: Timer;
  readonly #elapsed: Timer;
  readonly #offset = new ClockOffset(WINDOW_MS);
  #heardAt = 0;
  #isKnown = false;
  /** Where the stream ended, and when that was asked; `undefined` until it is asked again. */
  #end: { readonly seq: number; readonly at: number } | undefined;

  /** @param elapsed a timer over the same clock that counts sleep */
  constructor(timer: Timer, elapsed: Timer) {
    this.#timer = timer;
    this.#elapsed = elapsed;
  }

  /** Whether the stream's end must be asked for, before ages can be known. */
  get mustAsk(): boolean {
    return !this.#isKnown && this.#end === undefined;
  }

  /** The reader asked at this elapsed time where the stream ends, and this message was the last. */
  asked(seq: number, at: number): void {
    if (!this.#isKnown) this.#end = { seq, at };
  }

  /** @param soonMs how long a message may take that tells the engine's clock, in milliseconds */
  compare({ seq, timeMs }: Pick<StoredMessage, "seq" | "timeMs">, soonMs: number): void {
    if (this.#isKnown || this.#end === undefined || seq <= this.#end.seq) return;
    this.#isKnown = this.#elapsed.now() - this.#end.at <= soonMs;
    this.#end = undefined;
    if (this.#isKnown) this.heard(timeMs);
  }

  /** A message came, or was seen at the stream's end, that the engine stored at this time. */
  heard(timeMs: number): void {
    const now = this.#elapsed.now();
    const { leastMs } = this.#offset;
    if (leastMs !== undefined && now - this.#heardAt > WINDOW_MS / 2)
      this.#offset.heard(now, now - leastMs);
    this.#heardAt = now;
    this.#offset.heard(now, timeMs);
  }

  /** When the engine stored a message, by our clock that counts sleep; never later than now. */
  storedAt({ timeMs }: Pick<StoredMessage, "timeMs">): number {
    const now = this.#elapsed.now();
    const { leastMs } = this.#offset;
    return leastMs === undefined ? now : Math.min(now, timeMs + leastMs);
  }

  /** When an item arrived at its owner. */
  timesOf({ at }: Item, message: StoredMessage): ItemTimes {
    const arrivedAt = this.storedAt(message) + at;
    const receivedAt = arrivedAt - (this.#elapsed.now() - this.#timer.now());
    return { arrivedAt, receivedAt, isAgeKnown: this.#isKnown };
  }
}
