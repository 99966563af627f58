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
 * How old items are is known from the first message on that was stored after reading began, and
 * came soon after that. What is read before is of unknown age.
 */
export class RelayClock {
  readonly #timer: Timer;
  readonly #elapsed: Timer;
  readonly #offset = new ClockOffset(WINDOW_MS);
  #heardAt = 0;
  #isKnown = false;
  #begunAt = 0;
  #mustBegin = false;
  /** Where the stream ended when the engine sent the first message; `undefined` before it. */
  #end: number | undefined;

  /** @param elapsed a timer over the same clock that counts sleep */
  constructor(timer: Timer, elapsed: Timer) {
    this.#timer = timer;
    this.#elapsed = elapsed;
  }

  /** Whether reading must begin again, before ages can be known. */
  get mustBegin(): boolean {
    return this.#mustBegin;
  }

  /** Reading begins. */
  begun(): void {
    this.#begunAt = this.#elapsed.now();
    this.#end = undefined;
    this.#mustBegin = false;
  }

  /**
   * A message comes, before it is read.
   *
   * @param pending how many the stream held behind it when the engine sent it
   * @param soonMs how long one may take that tells the engine's clock, in milliseconds
   */
  compare({ seq, timeMs }: StoredMessage, pending: number, soonMs: number): void {
    if (this.#isKnown) return;
    this.#end ??= seq + pending;
    if (seq <= this.#end) return;
    this.#isKnown = this.#elapsed.now() - this.#begunAt <= soonMs;
    if (this.#isKnown) this.heard(timeMs);
    else this.#mustBegin = true;
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
