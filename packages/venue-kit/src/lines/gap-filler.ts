import type { CancelSignal, Random, Timer } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { cancelController } from "@oath-ws/resilience";
import type { CancelController } from "@oath-ws/resilience";
import { RetryPause } from "../connection/retry-pause.js";
import { withinTime } from "../rest/within-time.js";
import type { IdRange } from "./id-ranges.js";

/** Where missing events can be had, and how long they are waited for. */
export interface Backfill<T> {
  /**
   * Asks the venue for the events of these ids, both ends included. What it gives may be
   * incomplete, in any order, and hold others, which are ignored. It is called once at a time. It
   * keeps to the venue's limits itself, and must end when the signal is aborted.
   */
  readonly fetch: (range: IdRange, signal: CancelSignal) => Promise<readonly T[]>;
  readonly timer: Timer;
  readonly random: Random;
  /**
   * How long live events of a `reliable` reader wait for what is missing before them, in
   * milliseconds, at least 0. What comes later is delivered late. Default 2 000.
   */
  readonly fillWithinMs?: number | undefined;
  /** How long one request may take, in milliseconds. Default 15 000. */
  readonly timeoutMs?: number | undefined;
  /**
   * How often a hole is asked for before what is left of it becomes a gap record. Pauses between
   * tries grow from 1 s to 60 s, and are never shorter than the venue asks. Default 3.
   */
  readonly tries?: number | undefined;
  /**
   * Ids of one hole that are asked for, the newest; those before them become a gap record at once.
   * It bounds the memory of a fill. Default 5 000.
   */
  readonly maxIds?: number | undefined;
  /** Told of every request that failed. What it throws is ignored. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** Holes that may wait to be asked for; further ones become gap records at once. */
const MAX_WAITING = 100;
const FILL_WITHIN_MS = 2_000;
const TIMEOUT_MS = 15_000;
const TRIES = 3;
const MAX_IDS = 5_000;

/** The owner's side of a filler. */
export interface FillTarget<T> {
  /** What of the range is still missing; `undefined` for nothing. */
  missing(range: IdRange): IdRange | undefined;
  filled(events: readonly T[], range: IdRange): void;
  /** The range is not asked for any more, whether anything of it is missing or not. */
  done(): void;
}

interface Job extends IdRange {
  tries: number;
}

/**
 * Asks for holes, one after the other. After a failure nothing is asked before a pause is over,
 * which grows: also the next hole waits for it.
 */
export class GapFiller<T> {
  readonly #backfill: Backfill<T>;
  readonly #target: FillTarget<T>;
  readonly #pause: RetryPause;
  readonly #jobs: Job[] = [];
  #run: CancelController | undefined;
  #cancelPause: (() => void) | undefined;
  #isClosed = false;

  constructor(backfill: Backfill<T>, target: FillTarget<T>) {
    this.#backfill = backfill;
    this.#target = target;
    this.#pause = new RetryPause(backfill.timer, backfill.random);
  }

  /** How long live events wait for it, in milliseconds. */
  get fillWithinMs(): number {
    return this.#backfill.fillWithinMs ?? FILL_WITHIN_MS;
  }

  /** Ids of one hole that are asked for. */
  get maxIds(): number {
    return this.#backfill.maxIds ?? MAX_IDS;
  }

  /** Whether this range, or one that it is part of, is asked for now or waits for it. */
  isAsking({ from, to }: IdRange): boolean {
    return this.#jobs.some((job) => job.from <= from && to <= job.to);
  }

  /** Asks for a range; `false` when too many wait already. */
  ask({ from, to }: IdRange): boolean {
    if (this.#isClosed || this.#jobs.length >= MAX_WAITING) return false;
    this.#jobs.push({ from, to, tries: 0 });
    this.#next();
    return true;
  }

  /** Asks for nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#jobs.length = 0;
    this.#cancelPause?.();
    this.#run?.abort(failure("client", "CLOSED", "the reader was closed"));
  }

  /** Forgets what waits, and the answer that is under way: the ids restarted. */
  forget(): void {
    this.#jobs.length = 0;
    this.#run?.abort(failure("client", "OVERTAKEN", "the ids restarted"));
  }

  #next(): void {
    const job = this.#jobs[0];
    if (job === undefined || this.#run !== undefined || this.#cancelPause !== undefined) return;
    const { leftMs } = this.#pause;
    if (leftMs > 0) {
      this.#cancelPause = this.#backfill.timer.schedule(leftMs, () => {
        this.#cancelPause = undefined;
        this.#next();
      });
      return;
    }
    // In a turn of its own: what it brings must not come while the asker is still at work.
    void this.#work(job);
  }

  async #work(job: Job): Promise<void> {
    const run = cancelController();
    this.#run = run;
    const range = this.#target.missing(job);
    let error: unknown;
    if (range !== undefined) {
      try {
        const events = await this.#within(range, run);
        if (!run.signal.aborted) this.#target.filled(events, range);
      } catch (caught) {
        error = caught;
      }
    }
    this.#run = undefined;
    if (this.#isClosed) return;
    if (this.#jobs[0] === job) this.#judge(job, error);
    this.#next();
  }

  #judge(job: Job, error: unknown): void {
    if (error !== undefined) this.#fault(error);
    if (this.#target.missing(job) === undefined) {
      this.#pause.reset();
    } else {
      this.#pause.fail(isWsError(error) ? error.retryAfterMs : undefined);
      if (++job.tries < (this.#backfill.tries ?? TRIES)) return;
    }
    this.#jobs.shift();
    this.#target.done();
  }

  #within(range: IdRange, { signal }: CancelController): Promise<readonly T[]> {
    const { timer, fetch, timeoutMs = TIMEOUT_MS } = this.#backfill;
    return withinTime((ended) => fetch(range, ended), {
      timer,
      timeoutMs,
      signals: [signal],
      lateError: () =>
        failure("timeout", "BACKFILL_TIMEOUT", `no answer came within ${timeoutMs} ms`),
    });
  }

  #fault(error: unknown): void {
    try {
      this.#backfill.onFault?.(error);
    } catch {
      // A listener that throws must not end the reader that it was told about.
    }
  }
}

function failure(kind: "client" | "timeout", code: string, message: string): WsError {
  return new WsError({ kind, code, message });
}
