/** What an IP has used of its request weight. */
export interface WeightUse {
  readonly used: number;
  readonly limit: number;
  /** True if the request that was just counted is over the limit. */
  readonly over: boolean;
  /** Requests over the limit in this window. */
  readonly violations: number;
  /** Venue milliseconds until the window ends. */
  readonly resetMs: number;
}

interface Meter {
  window: number;
  used: number;
  violations: number;
}

/** Request weight per IP address, in windows that are aligned to the clock (B-31). */
export class WeightMeter {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #meters: Map<string, Meter> = new Map();

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Counts a request. A request over the limit is not added to what is used. */
  use(address: string, weight: number, now: number): WeightUse {
    const window = Math.floor(now / this.#windowMs);
    let meter = this.#meters.get(address);
    if (meter === undefined || meter.window !== window) {
      meter = { window, used: 0, violations: 0 };
      this.#meters.set(address, meter);
    }
    const over = meter.used + weight > this.#limit;
    if (over) meter.violations++;
    else meter.used += weight;
    return {
      used: meter.used,
      limit: this.#limit,
      over,
      violations: meter.violations,
      resetMs: (window + 1) * this.#windowMs - now,
    };
  }
}
