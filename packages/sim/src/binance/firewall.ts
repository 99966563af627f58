import type { VenueClock } from "../clock.js";

/** What the firewall in front of the venue answers: a page, not the venue's JSON. */
export const FIREWALL_REFUSAL = {
  status: 403,
  headers: { "Content-Type": "text/html" },
  body: "<html><head><title>403 Forbidden</title></head><body>403 Forbidden</body></html>",
} as const;

/**
 * How long it blocks unless told otherwise, in venue milliseconds. How long it does is not known.
 */
const DEFAULT_MS = 300_000;

/** Blocks everything that comes over HTTP, upgrades too, for a while (B-39). */
export class Firewall {
  readonly #clock: VenueClock;
  #until = Number.NEGATIVE_INFINITY;

  constructor(clock: VenueClock) {
    this.#clock = clock;
  }

  get blocks(): boolean {
    return this.#clock.now() < this.#until;
  }

  block(forMs: number = DEFAULT_MS): void {
    this.#until = this.#clock.now() + forMs;
  }

  clear(): void {
    this.#until = Number.NEGATIVE_INFINITY;
  }
}
