import type { Classify, ClassifyContext, Verdict, WsError } from "@oath-ws/contract";
import type { ResilienceConfig } from "../config.js";
import { earliest } from "../primitives/alarm.js";
import { onRejection } from "../primitives/on-rejection.js";
import { isRefusal } from "./blame.js";
import { RefusalRow } from "./refusal-row.js";
import type { Trace } from "./trace.js";

/** What a failure leads to; also the supervisor's input. */
export type Judgement = "retry" | "giveUp" | "exhaust";

/** What a failure was taken for, and whether the connection had proved itself before. */
export interface FailureVerdict {
  readonly verdict: Verdict;
  readonly judgement: Judgement;
  readonly wasProven: boolean;
}

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

/** Stands for the `EndpointSource` where an endpoint is expected. */
export const SOURCE = "source";

/** Of one endpoint. */
const NOTHING_FAILED: readonly undefined[] = [undefined];

/** Pause between tries once `permanentRetries` are used up, in milliseconds. */
export const REFUSED_PAUSE_MS = 60_000;

/**
 * Counts failures and judges them: the inverted breaker (ADR-0033, ADR-0042). Transient failures
 * are retried for ever. Permanent ones end the connection when there were more than
 * `permanentRetries` in a row; refused credentials of a connection that has been up only when,
 * besides, `permanentForMs` have passed since the first of them. With several endpoints they are
 * counted per endpoint, and all must have come to that.
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
  #rounds = 0;
  /** The endpoints that count. */
  #keys: readonly string[] = [];
  /** Of each endpoint that has failed, and of the source; made with the first failure. */
  #rows: Map<string, RefusalRow> | undefined = undefined;
  /** That of the last failure. */
  #row: RefusalRow | undefined;
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

  /**
   * Rounds since then in which every endpoint failed; with one endpoint each failure is a round.
   */
  get rounds(): number {
    return this.#rounds;
  }

  /** When the first of the permanent failures in a row came, at any endpoint. */
  get refusedSince(): number | undefined {
    return this.#all(({ since }) => since).reduce(earliest, this.#source?.since);
  }

  /**
   * From when on a refusal ends the connection; `undefined` where tries alone decide, and while an
   * endpoint has not refused.
   */
  get givesUpAt(): number | undefined {
    const source = this.#source;
    if (source?.since !== undefined) return source.givesUpAt;
    if (this.#all(({ since }) => since).includes(undefined)) return undefined;
    return this.#all(({ givesUpAt }) => givesUpAt).reduce(latest, undefined);
  }

  /** The least pause before the next attempt at the endpoint that failed last, in milliseconds. */
  get pauseMs(): number {
    return this.#row?.isSpent === true ? REFUSED_PAUSE_MS : 0;
  }

  /**
   * The last errors of the endpoints whose last failure was permanent, in the order of {@link use}.
   */
  get refusals(): readonly WsError[] {
    return this.#all(({ lastError }) => lastError).filter((error) => error !== undefined);
  }

  /** These endpoints count from now on, in this order; what is known of the others is forgotten. */
  use(keys: readonly string[]): void {
    this.#source?.end();
    this.#keys = keys;
    for (const key of this.#rows?.keys() ?? [])
      if (key !== SOURCE && !keys.includes(key)) this.#rows?.delete(key);
  }

  /** Every endpoint has failed. */
  roundEnded(): void {
    this.#rounds++;
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
  released(now: number, key = ""): void {
    if (this.#endConnection(now)) this.#rows?.get(key)?.end();
  }

  /**
   * An attempt failed, or the connection ended.
   *
   * @param key the endpoint that failed, or {@link SOURCE}
   */
  failed(error: WsError, now: number, key = ""): FailureVerdict {
    const wasProven = this.#endConnection(now);
    this.#inARow++;
    if (!wasProven) this.#attemptsInARow++;
    const verdict = this.#verdict(error, now);
    this.#row = this.#rowOf(key);
    if (verdict === "permanent") this.#row.add(error, this.#everConnected && isRefusal(error), now);
    else if (wasProven) this.#row.end();
    else this.#row.interrupt();
    return { verdict, judgement: this.#judge(verdict, this.#row, now), wasProven };
  }

  #judge(verdict: Verdict, row: RefusalRow, now: number): Judgement {
    const { maxAttempts } = this.#limits.attempts;
    const isFinal =
      row === this.#source
        ? row.isFinal(now)
        : this.#all((one) => one.isFinal(now)).every((one) => one === true);
    if (verdict === "permanent" && isFinal) return "giveUp";
    const isUsedUp = maxAttempts !== undefined && this.#attemptsInARow >= maxAttempts;
    return isUsedUp ? "exhaust" : "retry";
  }

  get #source(): RefusalRow | undefined {
    return this.#rows?.get(SOURCE);
  }

  #rowOf(key: string): RefusalRow {
    const rows = (this.#rows ??= new Map<string, RefusalRow>());
    let row = rows.get(key);
    if (row === undefined) rows.set(key, (row = new RefusalRow(this.#limits.attempts)));
    if (key !== SOURCE && !this.#keys.includes(key)) this.#keys = [...this.#keys, key];
    return row;
  }

  /** What is read of the row of each endpoint; `undefined` for one that has not failed. */
  #all<T>(read: (row: RefusalRow) => T): readonly (T | undefined)[] {
    const rows = this.#rows;
    if (rows === undefined && this.#keys.length === 1) return NOTHING_FAILED;
    return this.#keys.map((key) => {
      const row = rows?.get(key);
      return row && read(row);
    });
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
    this.#rounds = 0;
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

function latest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}
