import type { VenueClock } from "../clock.js";
import type { BanList } from "../rules/ban-list.js";
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
  /** How long to wait; with an error. */
  readonly headers: { readonly "Retry-After"?: string };
  /** True if this request got the IP banned: its connections must be ended, after the answer. */
  readonly bansNow: boolean;
}

/**
 * Request weight per IP, over REST and the WebSocket API together; too much of it is a ban (B-31,
 * B-39).
 */
export class WeightGate {
  readonly #settings: BinanceSettings;
  readonly #clock: VenueClock;
  readonly #journal: Journal;
  readonly #bans: BanList;
  readonly #meter: WeightMeter;

  constructor(settings: BinanceSettings, clock: VenueClock, journal: Journal, bans: BanList) {
    this.#settings = settings;
    this.#clock = clock;
    this.#journal = journal;
    this.#bans = bans;
    this.#meter = new WeightMeter(settings.limits.requestWeight, settings.limits.weightWindowMs);
  }

  /** Counts a request. */
  charge(address: string, weight: number): Charge {
    const now = this.#clock.now();
    const banMs = this.#bans.remainingMs(address, now);
    if (banMs !== undefined) return this.#refused(0, banMs, "ban", false);
    const use = this.#meter.use(address, weight, now);
    if (!use.over) return { used: use.used, error: undefined, headers: {}, bansNow: false };
    this.#journal.count("weightViolations");
    if (use.violations < this.#settings.limits.weightViolationsToBan) {
      return this.#refused(use.used, use.resetMs, "limit", false);
    }
    this.#journal.count("bans");
    return this.#refused(use.used, this.#bans.ban(address, now) - now, "ban", true);
  }

  #refused(used: number, waitMs: number, why: "ban" | "limit", bansNow: boolean): Charge {
    const now = this.#clock.wallNow();
    const until = Math.ceil(now + this.#clock.toReal(waitMs));
    const { requestWeight } = this.#settings.limits;
    return {
      used,
      error: why === "ban" ? banned(now, until) : tooMuchWeight(requestWeight, now, until),
      headers: this.#clock.retryAfter(waitMs),
      bansNow,
    };
  }
}

/** Weight of a depth request by its limit (B-19). */
export function depthWeight(limit: number): number {
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1_000 ? 50 : 250;
}

/** Weight of an open orders query, with and without a symbol. */
export function openOrdersWeight(symbol: string | undefined): number {
  return symbol === undefined ? 80 : 6;
}
