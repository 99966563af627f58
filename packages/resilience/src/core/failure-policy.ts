import type { Classify, ClassifyContext, TraceEvent, Verdict, WsError } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";

/** What a failure leads to; also the supervisor's input. */
export type Judgement = "retry" | "giveUp" | "exhaust";

/** The settings that the policy goes by. */
export interface FailureLimits {
  readonly attempts: Pick<ResilienceConfig["attempts"], "permanentRetries" | "maxAttempts">;
  readonly backoff: Pick<ResilienceConfig["backoff"], "stableAfterMs">;
}

/**
 * Counts failures and judges them: the inverted breaker (ADR-0033). Transient failures are retried
 * for ever; permanent ones in a row are retried `permanentRetries` times. Only a connection that
 * lasted `stableAfterMs` clears the counts: an open that is closed at once proves nothing.
 */
export class FailurePolicy {
  readonly #limits: FailureLimits;
  readonly #classify: Classify;
  readonly #trace: (event: TraceEvent) => void;
  #inARow = 0;
  #permanentInARow = 0;
  /** Attempts among them; the loss of a proven connection is a failure but not a failed attempt. */
  #attemptsInARow = 0;
  #upSince: number | undefined;
  #everConnected = false;

  constructor(limits: FailureLimits, classify: Classify, trace: (event: TraceEvent) => void) {
    this.#limits = limits;
    this.#classify = classify;
    this.#trace = trace;
  }

  /** Failures since a connection last proved itself. */
  get inARow(): number {
    return this.#inARow;
  }

  opened(now: number): void {
    this.#upSince = now;
    this.#everConnected = true;
  }

  /**
   * The connection was given up on purpose: not a failure, but if it had proved itself the counts
   * start anew.
   */
  released(now: number): void {
    this.#endConnection(now);
  }

  /** An attempt failed, or the connection ended. */
  failed(
    error: WsError,
    now: number,
  ): { readonly verdict: Verdict; readonly judgement: Judgement } {
    const lostProven = this.#endConnection(now);
    this.#inARow++;
    if (!lostProven) this.#attemptsInARow++;
    const verdict = this.#verdict(error, now);
    this.#permanentInARow = verdict === "permanent" ? this.#permanentInARow + 1 : 0;
    const { permanentRetries, maxAttempts } = this.#limits.attempts;
    if (this.#permanentInARow > permanentRetries) return { verdict, judgement: "giveUp" };
    if (maxAttempts !== undefined && this.#attemptsInARow >= maxAttempts)
      return { verdict, judgement: "exhaust" };
    return { verdict, judgement: "retry" };
  }

  /** Whether the connection that ends had proved itself. */
  #endConnection(now: number): boolean {
    const proven =
      this.#upSince !== undefined && now - this.#upSince >= this.#limits.backoff.stableAfterMs;
    this.#upSince = undefined;
    if (!proven) return false;
    this.#inARow = 0;
    this.#permanentInARow = 0;
    this.#attemptsInARow = 0;
    return true;
  }

  #verdict(error: WsError, now: number): Verdict {
    const context: ClassifyContext = {
      everConnected: this.#everConnected,
      consecutiveFailures: this.#inARow,
    };
    try {
      const verdict: unknown = this.#classify.classify(error, context);
      if (verdict === "permanent" || verdict === "transient") return verdict;
      throw new TypeError(
        `classify must return "transient" or "permanent", got ${String(verdict)}`,
      );
    } catch (fault) {
      // A broken policy must not end a feed.
      this.#trace({ kind: "fault", at: now, where: "classify", error: fault });
      return "transient";
    }
  }
}
