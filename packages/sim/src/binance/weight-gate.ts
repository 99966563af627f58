import type { VenueClock } from "../clock.js";
import { WeightMeter } from "../rules/weight-meter.js";
import { type ApiError, banned, tooMuchWeight } from "./api/api-error.js";
import type { Journal } from "./journal.js";
import type { BinanceSettings } from "./resolve-options.js";

/** What a request costs, and whether it may go on. */
export interface Charge {
  /** Weight used in this window, this request included if it was allowed. */
  readonly used: number;
  /** Why it may not go on. */
  readonly error: ApiError | undefined;
  /** Real seconds to wait, for a `Retry-After` header; only with an error. */
  readonly retryAfterSeconds: number;
  /** True if this request got the IP banned: it must be disconnected, after the answer. */
  readonly bansNow: boolean;
}

/** Request weight per IP, over REST and the WebSocket API together; too much of it is a ban (B-31, reference 2.5). */
export class WeightGate {
  readonly #settings: BinanceSettings;
  readonly #clock: VenueClock;
  readonly #journal: Journal;
  readonly #meter: WeightMeter;
  readonly #remainingBanMs: (address: string) => number | undefined;

  constructor(
    settings: BinanceSettings,
    clock: VenueClock,
    journal: Journal,
    remainingBanMs: (address: string) => number | undefined,
  ) {
    this.#settings = settings;
    this.#clock = clock;
    this.#journal = journal;
    this.#remainingBanMs = remainingBanMs;
    this.#meter = new WeightMeter(settings.limits.requestWeight, settings.limits.weightWindowMs);
  }

  /** Counts a request. Banning is left to the caller: see {@link Charge.bansNow}. */
  charge(address: string, weight: number): Charge {
    const banMs = this.#remainingBanMs(address);
    if (banMs !== undefined) return this.#refused(0, banMs, false, true);
    const use = this.#meter.use(address, weight, this.#clock.now());
    if (!use.over) return { used: use.used, error: undefined, retryAfterSeconds: 0, bansNow: false };
    this.#journal.count("weightViolations");
    const { weightViolationsToBan } = this.#settings.limits;
    const bansNow = use.violations >= weightViolationsToBan;
    return this.#refused(use.used, bansNow ? this.#settings.bans.durationMs : use.resetMs, bansNow, bansNow);
  }

  #refused(used: number, waitMs: number, bansNow: boolean, isBan: boolean): Charge {
    const now = this.#clock.wallNow();
    const realMs = this.#clock.toReal(waitMs);
    const until = Math.ceil(now + realMs);
    return {
      used,
      error: isBan ? banned(now, until) : tooMuchWeight(this.#settings.limits.requestWeight, now, until),
      retryAfterSeconds: Math.max(1, Math.ceil(realMs / 1_000)),
      bansNow,
    };
  }
}

/** Weight of a depth request by its limit (reference 2.4). */
export function depthWeight(limit: number): number {
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1_000 ? 50 : 250;
}

/** Weight of an open orders query, with and without a symbol. */
export function openOrdersWeight(symbol: string | undefined): number {
  return symbol === undefined ? 80 : 6;
}
