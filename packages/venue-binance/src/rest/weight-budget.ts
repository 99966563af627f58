import type { CancelSignal, Timer } from "@oath-ws/contract";
import { SLEEP_LOOK_MS, waitClock } from "@oath-ws/resilience";
import type { WaitClock } from "@oath-ws/resilience";

/** How much may be asked of the venue's REST API. */
export interface WeightLimit {
  /** Weight in any window; the venue allows 6 000 a minute and IP. */
  readonly max: number;
  /** Milliseconds. */
  readonly windowMs: number;
}

interface Waiting {
  readonly weight: number;
  readonly resolve: () => void;
}

/**
 * 80% of what the venue allows: others at this address ask too, and a ban costs more than a wait.
 */
const DEFAULT_LIMIT: WeightLimit = { max: 4_800, windowMs: 60_000 };

/**
 * How long to stay away when the venue refuses and does not say: the limit's window, and the
 * shortest ban (B-39). By HTTP status, in milliseconds.
 */
const UNTOLD_BLOCK_MS: ReadonlyMap<number, number> = new Map([
  [429, 60_000],
  [418, 120_000],
]);

/** The shortest pause after such a refusal: a venue that says 0 is not asked again at once. */
const MIN_BLOCK_MS = 1_000;

/**
 * The request weight of one IP address, in a rolling window, over REST and the WebSocket API
 * together. Adapters that name none share one per REST address and process. Requests wait in the
 * order in which they came; a pause that the venue states blocks all of them. Time during which the
 * machine slept counts.
 */
export class WeightBudget {
  readonly #timer: Timer;
  readonly #clock: WaitClock;
  readonly #limit: WeightLimit;
  readonly #spent: { readonly at: number; readonly weight: number }[] = [];
  readonly #waiting: Waiting[] = [];
  #used = 0;
  #blockedUntil = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(timer: Timer, limit: WeightLimit = DEFAULT_LIMIT) {
    this.#timer = timer;
    this.#clock = waitClock(timer);
    this.#limit = limit;
  }

  /** Weight spent in the window that ends now. */
  get used(): number {
    this.#forget(this.#clock.read());
    return this.#used;
  }

  /** For how many more milliseconds the venue wants to hear nothing; 0 when it may be asked. */
  get blockedForMs(): number {
    return Math.max(0, this.#blockedUntil - this.#clock.read());
  }

  /**
   * Takes weight, as soon as there is enough. Rejects with the signal's reason.
   *
   * @param weight one that is more than the whole budget is let through when nothing else is spent
   */
  async take(weight: number, signal?: CancelSignal): Promise<void> {
    if (signal?.aborted === true) throw signal.reason;
    if (this.#waiting.length === 0 && this.#spend(weight)) return;
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        signal?.removeEventListener("abort", onAbort);
        reject(signal?.reason);
        this.#serve();
      };
      const waiting: Waiting = {
        weight,
        resolve: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      signal?.addEventListener("abort", onAbort);
      this.#waiting.push(waiting);
      this.#serve();
    });
  }

  /**
   * Counts weight of what is sent in any case, such as a connection and its login. Requests that
   * wait for the same weight come later for it.
   */
  charge(weight: number): void {
    this.#add(weight, this.#clock.read());
  }

  /**
   * The venue answered with this HTTP status, and asked for this pause in milliseconds if it asked
   * for any: what bans or limits this address blocks it, also where the venue does not say how long.
   */
  refused(status: number, retryAfterMs: number | undefined): void {
    const blockMs = retryAfterMs ?? UNTOLD_BLOCK_MS.get(status);
    if (blockMs !== undefined) this.block(Math.max(blockMs, MIN_BLOCK_MS));
  }

  /**
   * The venue wants to hear nothing for so many milliseconds. A later word never shortens an
   * earlier one.
   */
  block(forMs: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, this.#clock.read() + forMs);
  }

  #serve(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#spend(next.weight)) {
        const leftMs = this.#freeAt(next.weight) - this.#clock.read();
        this.#cancelTimer = this.#timer.schedule(Math.min(Math.max(1, leftMs), SLEEP_LOOK_MS), () =>
          this.#serve(),
        );
        return;
      }
      this.#waiting.shift();
      next.resolve();
    }
  }

  #spend(weight: number): boolean {
    const now = this.#clock.read();
    this.#forget(now);
    if (now < this.#blockedUntil || (this.#used > 0 && this.#used + weight > this.#limit.max))
      return false;
    this.#add(weight, now);
    return true;
  }

  #add(weight: number, at: number): void {
    this.#spent.push({ at, weight });
    this.#used += weight;
  }

  /** When there will be enough, if nobody else takes any. */
  #freeAt(weight: number): number {
    let used = this.#used;
    let at = this.#blockedUntil;
    for (const spent of this.#spent) {
      if (used === 0 || used + weight <= this.#limit.max) break;
      used -= spent.weight;
      at = Math.max(at, spent.at + this.#limit.windowMs);
    }
    return at;
  }

  #forget(now: number): void {
    for (
      let first = this.#spent[0];
      first !== undefined && first.at + this.#limit.windowMs <= now;
      first = this.#spent[0]
    ) {
      this.#used -= first.weight;
      this.#spent.shift();
    }
  }
}
