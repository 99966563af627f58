import type { CancelSignal, Timer } from "@oath-ws/contract";
import { AdmissionQueue, RollingLimit, waitTimer } from "@oath-ws/venue-kit";

/** How much may be asked of the venue's REST API. */
export interface WeightLimit {
  /** Weight in any window; the venue allows 6 000 a minute and IP. */
  readonly max: number;
  /** Milliseconds. */
  readonly windowMs: number;
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
  readonly #waits: Timer;
  readonly #limit: RollingLimit;
  readonly #queue: AdmissionQueue<number>;

  /** @throws ConfigError for a limit that cannot work */
  constructor(timer: Timer, limit: WeightLimit = DEFAULT_LIMIT) {
    this.#waits = waitTimer(timer);
    this.#limit = new RollingLimit(limit);
    const rule = {
      waitMs: (weight: number) => this.#limit.waitMs(this.#waits.now(), weight),
      admit: (weight: number) => this.charge(weight),
    };
    this.#queue = new AdmissionQueue({ timer: this.#waits, rule, inOrder: true });
  }

  /** Weight spent in the window that ends now. */
  get used(): number {
    return this.#limit.used(this.#waits.now());
  }

  /** For how many more milliseconds the venue wants to hear nothing; 0 when it may be asked. */
  get blockedForMs(): number {
    return this.#limit.blockedForMs(this.#waits.now());
  }

  /**
   * Takes weight, as soon as there is enough. Rejects with the signal's reason.
   *
   * @param weight one that is more than the whole budget is let through when nothing else is spent
   */
  take(weight: number, signal?: CancelSignal): Promise<void> {
    return this.#queue.enter(weight, signal);
  }

  /**
   * Counts weight of what is sent in any case, such as a connection and its login. Requests that
   * wait for the same weight come later for it.
   */
  charge(weight: number): void {
    this.#limit.spend(this.#waits.now(), weight);
  }

  /**
   * The venue answered with this HTTP status, and asked for this pause in milliseconds if it asked
   * for any: what bans or limits this address blocks it, also where the venue does not say how
   * long.
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
    this.#limit.block(this.#waits.now(), forMs);
  }
}
