import type { CancelSignal, Random, Timer, WsError } from "@oath-ws/contract";
import { isWsError, WsError as Failure } from "@oath-ws/contract";
import { cancelController } from "@oath-ws/resilience";
import { RetryPause } from "../connection/retry-pause.js";
import type { PauseShape } from "../connection/retry-pause.js";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { OrderFate, OrderFinding } from "./order-fate.js";

/** What a {@link FateSearch} needs. */
export interface FateSearchOptions<P> {
  readonly timer: Timer;
  readonly random: Random;
  /**
   * Asks the venue for the order by the client's id, within the venue's pace. A rejection is tried
   * again after a pause.
   */
  readonly ask: (signal: CancelSignal) => Promise<OrderFinding<P>>;
  /**
   * The time of the venue's clock, in Unix milliseconds, after which the venue refuses the request
   * that may be under way. `undefined` for venues that refuse nothing for being late: there "not
   * found" never ends the search.
   */
  readonly deadline: number | undefined;
  /** The search settles within so many milliseconds; time that the machine sleeps counts. */
  readonly boundMs: number;
  /** The pauses between questions. */
  readonly pause: PauseShape;
  /** Told of questions that failed, and of a search that found nothing out. */
  readonly onFault: (error: WsError) => void;
}

/**
 * Finds out what became of an order. Whichever source speaks first decides: the questions that it
 * asks itself, and what others {@link report}. It is asked at once, and again after pauses that
 * grow. Its first word is its last.
 */
export class FateSearch<P> {
  /** Never rejects. */
  readonly resolution: Promise<OrderFate<P>>;
  readonly #options: FateSearchOptions<P>;
  readonly #pause: RetryPause;
  readonly #run = cancelController();
  readonly #cancelBound: () => void;
  #cancelRetry: () => void = () => undefined;
  #lastError: WsError | undefined;
  #resolve: (fate: OrderFate<P>) => void = () => undefined;
  #settled = false;

  constructor(options: FateSearchOptions<P>) {
    const { timer, random, boundMs, pause } = options;
    this.#options = options;
    this.#pause = new RetryPause(timer, random, pause);
    this.resolution = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#cancelBound = elapsedTimer(timer).schedule(boundMs, () => {
      this.end(`nothing could be found out within ${boundMs} ms`);
    });
    void this.#ask();
  }

  /** A source says something of the order. */
  report(finding: OrderFinding<P>): void {
    switch (finding.kind) {
      case "placed":
      case "refused":
        this.#settle(finding);
        break;
      case "notFound":
        if (this.#isFinal(finding.asOf)) this.#settle({ kind: "notPlaced" });
        break;
      default:
        finding satisfies never;
    }
  }

  /** No more questions are asked: what is not known yet stays unknown. */
  end(why: string): void {
    if (this.#settled) return;
    const message = `the fate of an order is still unknown: ${why}. Look at the account`;
    const cause = this.#lastError;
    const error = new Failure({ kind: "unknown", code: "FATE_STILL_UNKNOWN", message, cause });
    this.#settle({ kind: "stillUnknown", error });
    this.#options.onFault(error);
  }

  /** "Not found" is final only if it was asked after the venue takes the request no more. */
  #isFinal(asOf: number | undefined): boolean {
    const { deadline } = this.#options;
    return deadline !== undefined && asOf !== undefined && asOf > deadline;
  }

  async #ask(): Promise<void> {
    const { ask, onFault, timer } = this.#options;
    let statedMs: number | undefined;
    try {
      this.report(await ask(this.#run.signal));
    } catch (thrown) {
      if (this.#settled) return;
      const error = isWsError(thrown) ? thrown : asFailure(thrown);
      this.#lastError = error;
      statedMs = error.retryAfterMs;
      onFault(error);
    }
    if (this.#settled) return;
    this.#cancelRetry = timer.schedule(this.#pause.fail(statedMs), () => void this.#ask());
  }

  #settle(fate: OrderFate<P>): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#cancelBound();
    this.#cancelRetry();
    this.#run.abort(
      new Failure({ kind: "client", code: "FATE_KNOWN", message: "the order's fate is settled" }),
    );
    this.#resolve(fate);
  }
}

function asFailure(cause: unknown): WsError {
  const message = "asking for an order failed";
  return new Failure({ kind: "unknown", code: "FATE_QUERY_FAULT", message, cause });
}
