import type { TraceEvent } from "@oath-ws/contract";
import { demand } from "../core/violated.js";

/** What times may differ by when they come from different clocks. */
const ROUNDING_MS = 1.5;

/** No attempt is made at a server before the time for which it asked to be left alone. */
export class RetryAfterClaim {
  readonly #blockedUntil = new Map<string, number>();

  /** Takes what the stack tells, in order. `now` is the world's time, which counts sleep. */
  traced(event: TraceEvent, now: number): void {
    if (event.kind === "failure" || event.kind === "trialFailed") {
      const { endpoint, error } = event;
      const until = now + (error.retryAfterMs ?? Number.NEGATIVE_INFINITY);
      this.#blockedUntil.set(endpoint, Math.max(until, this.#blocked(endpoint)));
    } else if (event.kind === "attempt") {
      const until = this.#blocked(event.endpoint);
      demand(
        now >= until - ROUNDING_MS,
        "Retry-After is obeyed",
        () => `an attempt at ${event.endpoint} at ${now}, blocked until ${until}`,
      );
    }
  }

  #blocked(endpoint: string): number {
    return this.#blockedUntil.get(endpoint) ?? Number.NEGATIVE_INFINITY;
  }
}
