import type { Classify, ClassifyContext, Verdict, WsError } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { onRejection } from "../primitives/on-rejection.js";
import { isRefusal } from "./blame.js";
import type { Trace } from "./trace.js";

/** What a failure leads to; also the supervisor's input. */
export type Judgement = "retry" | "giveUp" | "exhaust";

/** The settings that the policy goes by. */
export interface FailureLimits {
  readonly attempts: Pick<
    ResilienceConfig["attempts"],
    "permanentRetries" | "permanentForMs" | "maxAttempts"
  >;
  readonly backoff: Pick<ResilienceConfig["backoff"], "stableAfterMs">;
}

/** How long a connection counts as one that stood after it was lost, in milliseconds. */
export const PROVEN_FOR_MS = 300_000;

/** Pause between tries once `permanentRetries` are used up, in milliseconds. */
export const REFUSED_PAUSE_MS = 60_000;

/**
 * Counts failures and judges them: the inverted breaker (ADR-0033, ADR-0042). Transient failures are
 * retried for ever. Permanent ones end the connection when there were more than `permanentRetries`
 * in a row; refused credentials of a connection that has been up only when, besides,
 * `permanentForMs` have passed since the first of them.
 *
 * Only a connection that lasted `stableAfterMs` clears the counts: an open that is closed at once
 * proves nothing. Permanent failures are in a row until such a connection ends in another way than
 * by a permanent failure: neither a transient failure nor a refusal that comes late ends the row.
 */
export class FailurePolicy {
  readonly #limits: FailureLimits;
  readonly #classify: Classify;
  readonly #trace: Trace;
  #inARow = 0;
  #permanentInARow = 0;
  #refusedSince: number | undefined;
  /** Whether time decides besides tries, by the last permanent failure. */
  #isTimed = false;
  /** Attempts among them; the loss of a proven connection is a failure but not a failed attempt. */
  #attemptsInARow = 0;
  #upSince: number | undefined;
  #provenUntil = Number.NEGATIVE_INFINITY;
  #everConnected = false;

  constructor(limits: FailureLimits, classify: Classify, trace: Trace) {
    this.#limits = limits;
    this.#classify = classify;
    this.#trace = trace;
  }

  /** Failures since a connection last proved itself. */
  get inARow(): number {
    return this.#inARow;
  }

  /** When the first of the permanent failures in a row came. */
  get refusedSince(): number | undefined {
    return this.#refusedSince;
  }

  /** From when on a refusal ends the connection; `undefined` where tries alone decide. */
  get givesUpAt(): number | undefined {
    const { permanentForMs } = this.#limits.attempts;
    return this.#refusedSince === undefined || !this.#isTimed || permanentForMs === false
      ? undefined
      : this.#refusedSince + permanentForMs;
  }

  /** The least pause before the next attempt, in milliseconds. */
  get pauseMs(): number {
    return this.#permanentInARow > this.#limits.attempts.permanentRetries ? REFUSED_PAUSE_MS : 0;
  }

  /** Until when the connection counts as one that stood; see `GateRequest`. */
  provenUntil(now: number): number {
    return this.#isProven(now) ? Number.POSITIVE_INFINITY : this.#provenUntil;
  }

  opened(now: number): void {
    this.#upSince = now;
    this.#everConnected = true;
  }

  /**
   * The connection was given up on purpose: not a failure, but if it had proved itself the counts
   * start again.
   */
  released(now: number): void {
    if (this.#endConnection(now)) this.#endRow();
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
    if (verdict === "permanent") this.#refused(error, now);
    else if (lostProven) this.#endRow();
    const { maxAttempts } = this.#limits.attempts;
    if (verdict === "permanent" && this.#isFinal(now)) return { verdict, judgement: "giveUp" };
    if (maxAttempts !== undefined && this.#attemptsInARow >= maxAttempts)
      return { verdict, judgement: "exhaust" };
    return { verdict, judgement: "retry" };
  }

  /** A refusal with `Retry-After` says when to come back: it is no try, but its time counts. */
  #refused(error: WsError, now: number): void {
    this.#refusedSince ??= now;
    if (error.retryAfterMs === undefined) this.#permanentInARow++;
    this.#isTimed = this.#everConnected && isRefusal(error);
  }

  #isFinal(now: number): boolean {
    if (this.#permanentInARow <= this.#limits.attempts.permanentRetries) return false;
    return now >= (this.givesUpAt ?? now);
  }

  #endRow(): void {
    this.#permanentInARow = 0;
    this.#refusedSince = undefined;
    this.#isTimed = false;
  }

  #isProven(now: number): boolean {
    return this.#upSince !== undefined && now - this.#upSince >= this.#limits.backoff.stableAfterMs;
  }

  /** Whether the connection that ends had proved itself. */
  #endConnection(now: number): boolean {
    const proven = this.#isProven(now);
    this.#upSince = undefined;
    if (!proven) return false;
    this.#provenUntil = now + PROVEN_FOR_MS;
    this.#inARow = 0;
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
      onRejection(verdict, (fault) => this.#fault(now, fault));
      throw new TypeError(
        `classify must return "transient" or "permanent", got ${String(verdict)}`,
      );
    } catch (fault) {
      // A broken policy must not end a feed.
      this.#fault(now, fault);
      return "transient";
    }
  }

  #fault(at: number, error: unknown): void {
    this.#trace({ kind: "fault", at, where: "classify", error });
  }
}
