import type { TraceEvent } from "@oath-ws/contract";
import type { ResilienceConfig } from "@oath-ws/resilience";
import { demand } from "../core/violated.js";

/** A socket may be let go so long before the next attempt begins; then it did not stand as long. */
const LET_GO_MS = 300;

/**
 * Pauses grow while connections do not last: what opened and was lost at once is no success. Judged
 * with one endpoint, where every failure ends a round.
 */
export class BackoffClaim {
  readonly #config: ResilienceConfig["backoff"];
  #rounds = 0;
  #openedAt: number | undefined;

  constructor(config: ResilienceConfig["backoff"]) {
    this.#config = config;
  }

  /** Takes what the stack tells, in order. `backsOff`: the connection pauses now. */
  traced(event: TraceEvent, backsOff: boolean): void {
    switch (event.kind) {
      case "attempt":
        return this.#ended(event.at);
      case "opened":
        this.#openedAt = event.at;
        return;
      case "failure":
        this.#ended(event.at);
        this.#rounds++;
        if (backsOff && event.retryAt !== undefined) this.#judge(event.retryAt - event.at);
        return;
      default:
    }
  }

  #ended(at: number): void {
    const { stableAfterMs } = this.#config;
    if (this.#openedAt !== undefined && at - this.#openedAt >= stableAfterMs - LET_GO_MS)
      this.#rounds = 0;
    this.#openedAt = undefined;
  }

  #judge(pauseMs: number): void {
    const { firstMs, minMs, maxMs, factor } = this.#config;
    const growth = this.#rounds - (firstMs === undefined ? 1 : 2);
    const ceiling = growth < 0 ? (firstMs ?? 0) : Math.min(maxMs, minMs * factor ** growth);
    demand(
      pauseMs >= ceiling / 2 - 1,
      "pauses grow while connections do not last",
      () => `${pauseMs} ms after ${this.#rounds} failures, at least ${ceiling / 2} are due`,
    );
  }
}
