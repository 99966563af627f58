import type { CancelSignal, Timer } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { cancelController } from "@oath-ws/resilience";
import type { CallOutcome, LateAnswers, CallContext } from "../connection/call-outcome.js";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { ElapsedTimer } from "../options/elapsed-timer.js";

/** How one call is bounded. */
export interface CallOptions {
  /**
   * The call settles within so many milliseconds, waits for a budget included. Time that the
   * machine sleeps counts. Default 10 000.
   */
  readonly timeoutMs?: number | undefined;
  /** Gives the call up: `didNotLeave` when it has not left yet, otherwise `fateUnknown`. */
  readonly signal?: CancelSignal | undefined;
}

/** A venue's limit by weight. A caller takes weight first, and waits for it. */
export interface CallBudget {
  /**
   * Resolves when the weight is taken. Rejects with the signal's reason, and takes nothing then.
   */
  take(weight: number, signal?: CancelSignal): Promise<void>;
}

/** What {@link Calls} are made of. `R` is a request, `P` one that is ready to leave. */
export interface CallsOptions<R, P> {
  readonly timer: Timer;
  /** Default: nothing is waited for. */
  readonly budget?: CallBudget | undefined;
  /** What the venue charges for a request. Default 1. */
  readonly weigh?: ((request: R) => number) | undefined;
  /**
   * Makes a request ready to leave: signs it, for instance. It must not send anything. What it
   * rejects with ends the call as `didNotLeave`.
   */
  readonly prepare: (request: R, signal: CancelSignal) => P | Promise<P>;
  /**
   * Sends it once, over a connection or by REST, and obeys the signal: what has not left when it is
   * aborted must not leave later. What it rejects with ends the call as `fateUnknown`.
   */
  readonly send: (prepared: P, context: CallContext) => Promise<CallOutcome<unknown>>;
  /**
   * Whether an error answer leaves open if the request was carried out, like an internal error of
   * the venue. Default: a refusal is a refusal.
   */
  readonly isUncertain?: ((error: WsError) => boolean) | undefined;
}

/** How long a call may take unless it says otherwise, in milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * Requests with answers. Each call settles within its time, once, and is sent at most once: nothing
 * is repeated across a reconnect, after a refusal, or after a limit was hit.
 *
 * How this works: a call waits for its weight, is made ready, and is sent. Until it is sent its end
 * is `didNotLeave`. From then on the way to the venue tells the outcome; if it tells none within a
 * turn after the time is over, the outcome is `fateUnknown`.
 */
export class Calls<R, P> {
  readonly #options: CallsOptions<R, P>;
  readonly #timer: ElapsedTimer;

  constructor(options: CallsOptions<R, P>) {
    this.#options = options;
    this.#timer = elapsedTimer(options.timer);
  }

  /** Never rejects. */
  async call(
    request: R,
    { timeoutMs = TIMEOUT_MS, signal }: CallOptions = {},
    late?: LateAnswers,
  ): Promise<CallOutcome<unknown>> {
    const run = cancelController();
    const onAbort = (): void => run.abort(givenUp(signal?.reason));
    const cancel = this.#timer.schedule(timeoutMs, () => run.abort(outOfTime(timeoutMs)));
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort);
    try {
      return await this.#run(request, { signal: run.signal, late });
    } finally {
      cancel();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #run(request: R, context: CallContext): Promise<CallOutcome<unknown>> {
    const { budget, weigh, prepare, send, isUncertain } = this.#options;
    const { signal } = context;
    let prepared: P;
    try {
      if (budget !== undefined) await before(signal, budget.take(weigh?.(request) ?? 1, signal));
      prepared = await before(signal, prepare(request, signal));
      if (signal.aborted) throw signal.reason;
    } catch (error) {
      return { kind: "didNotLeave", error: failure(error, "the request could not be prepared") };
    }
    // An adapter's code that throws at once is treated like one that rejects.
    const sent = (async () => send(prepared, context))();
    const outcome = await this.#settled(sent, signal);
    const isOpen = outcome.kind === "refused" && isUncertain?.(outcome.error) === true;
    return isOpen ? { kind: "fateUnknown", error: outcome.error } : outcome;
  }

  /** The outcome that the way to the venue tells, if it tells one soon after the time is over. */
  #settled(
    sent: Promise<CallOutcome<unknown>>,
    signal: CancelSignal,
  ): Promise<CallOutcome<unknown>> {
    return new Promise((resolve) => {
      let cancel = (): void => undefined;
      const settle = (outcome: CallOutcome<unknown>): void => {
        cancel();
        signal.removeEventListener("abort", onAbort);
        resolve(outcome);
      };
      const onAbort = (): void => {
        cancel = this.#timer.schedule(0, () =>
          settle({ kind: "fateUnknown", error: failure(signal.reason, "the call was given up") }),
        );
      };
      signal.addEventListener("abort", onAbort);
      sent.then(settle, (error: unknown) =>
        settle({ kind: "fateUnknown", error: failure(error, "the request failed on its way") }),
      );
    });
  }
}

/** What a wait brings, unless the signal fires before. */
function before<T>(signal: CancelSignal, work: T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    const leave = (): void => signal.removeEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
    Promise.resolve(work).then(resolve, reject).finally(leave);
  });
}

function failure(error: unknown, message: string): WsError {
  if (isWsError(error)) return error;
  return new WsError({ kind: "unknown", code: "CALL_FAULT", message, cause: error });
}

function outOfTime(timeoutMs: number): WsError {
  const message = `no answer came within the ${timeoutMs} ms of the call`;
  return new WsError({ kind: "timeout", code: "CALL_TIMEOUT", message });
}

function givenUp(cause: unknown): WsError {
  const message = "the caller gave the call up";
  return new WsError({ kind: "client", code: "CALL_ABORTED", message, cause });
}
