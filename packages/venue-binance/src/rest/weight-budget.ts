import type { CancelSignal, Timer } from "@oath-ws/contract";

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
 * The request weight of one IP address, in a rolling window. Share one between everything that asks
 * the same venue. Requests wait in the order in which they came; the venue's own word
 * (`Retry-After`) blocks all of them.
 */
export class WeightBudget {
  readonly #timer: Timer;
  readonly #limit: WeightLimit;
  readonly #spent: { readonly at: number; readonly weight: number }[] = [];
  readonly #waiting: Waiting[] = [];
  #used = 0;
  #blockedUntil = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(timer: Timer, limit: WeightLimit = DEFAULT_LIMIT) {
    this.#timer = timer;
    this.#limit = limit;
  }

  /** Weight spent in the window that ends now. */
  get used(): number {
    this.#forget(this.#timer.now());
    return this.#used;
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
   * The venue wants to hear nothing for so many milliseconds. A later word never shortens an
   * earlier one.
   */
  block(forMs: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, this.#timer.now() + forMs);
  }

  #serve(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#spend(next.weight)) {
        this.#cancelTimer = this.#timer.schedule(
          Math.max(1, this.#freeAt(next.weight) - this.#timer.now()),
          () => this.#serve(),
        );
        return;
      }
      this.#waiting.shift();
      next.resolve();
    }
  }

  #spend(weight: number): boolean {
    const now = this.#timer.now();
    this.#forget(now);
    if (now < this.#blockedUntil || (this.#used > 0 && this.#used + weight > this.#limit.max))
      return false;
    this.#spent.push({ at: now, weight });
    this.#used += weight;
    return true;
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
