import type { CancelSignal, Timer } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { cancelController, scheduleDeadline } from "@oath-ws/resilience";
import type { CancelController } from "@oath-ws/resilience";
import type { CallAnswer, CallOutcome, CallContext } from "./call-outcome.js";

/**
 * - `leaving`: the socket has not confirmed the frame
 * - `left`: the kernel has the frame
 * - `late`: the question has ended as `fateUnknown`, and an answer is still welcome
 */
type Stage = "leaving" | "left" | "late";

interface Pending {
  stage: Stage;
  readonly settle: (outcome: CallOutcome<unknown>) => void;
  readonly withdrawal: CancelController;
  readonly context: CallContext | undefined;
  cancel: () => void;
  leave: () => void;
}

/** What a send rejects with when the frame certainly did not leave; any other code may have. */
const NOT_SENT: ReadonlySet<string> = new Set([
  "NOT_CONNECTED",
  "EPOCH_ENDED",
  "SEND_QUEUE_FULL",
  "SEND_DEADLINE",
  "FRAME_TOO_BIG",
  "FRAME_INVALID",
  "SINK_CLOSED",
  "SHUT_DOWN",
  "RELAY_READ_ONLY",
]);

/**
 * Questions of one connection that wait for their answers, by id. Each settles once: answered,
 * refused, certainly not sent, or of unknown fate. None is sent twice.
 *
 * How this works: a question that was withdrawn before the socket confirmed it (time, caller, end
 * of the connection) waits one turn for the send's own verdict, because only the send knows whether
 * the frame was handed over. One that had left ends as `fateUnknown` at once; if its caller listens
 * for a late answer, its id is remembered until the answer, a bound, or the end of the connection.
 * The end of a connection is noticed before the last frames are read, and a venue often answers and
 * hangs up: calls that had left wait for those frames (`#behind`).
 */
export class Queries {
  readonly #timer: Timer;
  readonly #timeoutMs: number;
  readonly #onUnanswered: (id: number) => void;
  readonly #pending = new Map<number, Pending>();
  /** Calls of a connection that has ended, while frames of it may wait to be read. */
  readonly #behind = new Set<number>();
  #cancelEnd: () => void = () => undefined;

  /**
   * @param timeoutMs how long hand-over to the socket may take, and the answer after it; of
   *   questions that bring no bound of their own
   * @param onUnanswered told of each question for whose answer no caller waits any more
   */
  constructor(
    timer: Timer,
    timeoutMs: number,
    onUnanswered: (id: number) => void = () => undefined,
  ) {
    this.#timer = timer;
    this.#timeoutMs = timeoutMs;
    this.#onUnanswered = onUnanswered;
  }

  /**
   * Sends a question and waits for what {@link answer} or {@link refuse} bring. With a context its
   * signal is the only bound, and a session that is lost on a standing connection does not end it.
   */
  ask(
    id: number,
    send: (signal: CancelSignal) => Promise<void>,
    context?: CallContext,
  ): Promise<CallOutcome<unknown>> {
    return new Promise((resolve) => {
      const pending: Pending = {
        stage: "leaving",
        settle: resolve,
        withdrawal: cancelController(),
        context,
        cancel: () => undefined,
        leave: () => undefined,
      };
      this.#pending.set(id, pending);
      if (context === undefined) this.#await(id, pending);
      else this.#listen(id, pending, context.signal);
      send(pending.withdrawal.signal).then(
        () => {
          if (this.#pending.get(id) !== pending || pending.stage !== "leaving") return;
          pending.stage = "left";
          const { aborted, reason } = pending.withdrawal.signal;
          if (aborted) this.#lose(id, mayHaveLeft(reason as WsError));
          else if (context === undefined) this.#await(id, pending);
        },
        (error: unknown) => {
          if (this.#pending.get(id) !== pending || pending.stage === "late") return;
          const { aborted, reason } = pending.withdrawal.signal;
          const cause = failure(error);
          const isKept = (aborted && error === reason) || NOT_SENT.has(cause.code);
          if (isKept) this.#settle(id, { kind: "didNotLeave", error: cause });
          else this.#lose(id, cause);
        },
      );
    });
  }

  /** Whether a question had this id; it is answered now. */
  answer(id: number, answer: unknown): boolean {
    return this.#answered(id, { kind: "answered", answer });
  }

  /** Whether a question had this id; it is refused now. */
  refuse(id: number, error: WsError): boolean {
    return this.#answered(id, { kind: "refused", error });
  }

  /** Like {@link answer}, of a frame that a connection left behind: only its calls are answered. */
  answerBehind(id: number, answer: unknown): void {
    if (this.#behind.has(id)) this.answer(id, answer);
  }

  /** Whether a call of a connection that has ended had this id; it is refused now. */
  refuseBehind(id: number, error: WsError): boolean {
    return this.#behind.has(id) && this.refuse(id, error);
  }

  /**
   * The connection is gone. Its questions end now; its calls that had left end with
   * {@link caughtUp}, or a turn later if nothing waits to be read then.
   */
  end(isCaughtUp: () => boolean): void {
    for (const [id, { stage, context }] of Array.from(this.#pending))
      if (context === undefined || stage === "leaving") this.#end(id);
      else this.#behind.add(id);
    this.#cancelEnd();
    if (this.#behind.size === 0) return;
    this.#cancelEnd = this.#timer.schedule(0, () => {
      if (isCaughtUp()) this.caughtUp();
    });
  }

  /** Everything that arrived was read. */
  caughtUp(): void {
    for (const id of this.#behind) this.#end(id);
    this.#behind.clear();
  }

  /** No frame comes any more, and no timer runs from now on. */
  close(): void {
    this.#cancelEnd();
    for (const id of Array.from(this.#pending.keys())) this.#end(id);
  }

  /** The session is lost on a connection that stands: answers to calls can still come. */
  endSession(): void {
    for (const [id, { context }] of Array.from(this.#pending))
      if (context === undefined) this.#end(id);
  }

  #end(id: number): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    switch (pending.stage) {
      case "leaving": {
        const message = "the connection ended before the question left";
        this.#withdraw(id, new WsError({ kind: "connection", code: "EPOCH_ENDED", message }));
        break;
      }
      case "left": {
        const message = "the connection ended before an answer came";
        this.#lose(id, new WsError({ kind: "connection", code: "ANSWER_LOST", message }));
        break;
      }
      default:
        pending.stage satisfies "late";
    }
    // No answer can come any more.
    if (this.#pending.get(id)?.stage === "late") this.#remove(id);
  }

  #listen(id: number, pending: Pending, signal: CancelSignal): void {
    const onAbort = (): void => this.#giveUp(id, failure(signal.reason));
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
    pending.leave = () => signal.removeEventListener("abort", onAbort);
  }

  #await(id: number, pending: Pending): void {
    pending.cancel();
    pending.cancel = scheduleDeadline(this.#timer, this.#timeoutMs, () => {
      const message = `no answer came within ${this.#timeoutMs} ms`;
      this.#giveUp(id, new WsError({ kind: "timeout", code: "QUERY_TIMEOUT", message }));
    });
  }

  #giveUp(id: number, error: WsError): void {
    const stage = this.#pending.get(id)?.stage;
    if (stage === "leaving") this.#withdraw(id, error);
    else if (stage === "left") this.#lose(id, error);
  }

  /**
   * Only the send knows whether the frame was handed over. One that does not tell may have been.
   */
  #withdraw(id: number, error: WsError): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    pending.cancel();
    pending.cancel = this.#timer.schedule(0, () => this.#lose(id, mayHaveLeft(error)));
    pending.withdrawal.abort(error);
  }

  /** It is not known whether the venue carries it out; an answer may still come. */
  #lose(id: number, error: WsError): void {
    const pending = this.#remove(id);
    if (pending === undefined) return;
    const late = pending.context?.late;
    if (late !== undefined) {
      pending.stage = "late";
      this.#pending.set(id, pending);
      pending.cancel = this.#timer.schedule(late.forMs, () => {
        this.#remove(id);
        this.#onUnanswered(id);
      });
    } else {
      this.#onUnanswered(id);
    }
    pending.settle({ kind: "fateUnknown", error });
  }

  #answered(id: number, answer: CallAnswer): boolean {
    const pending = this.#remove(id);
    if (pending?.stage === "late") pending.context?.late?.tell(answer);
    else pending?.settle(answer);
    return pending !== undefined;
  }

  /** It did not leave. */
  #settle(id: number, outcome: CallOutcome<unknown>): void {
    const pending = this.#remove(id);
    if (pending === undefined) return;
    this.#onUnanswered(id);
    pending.settle(outcome);
  }

  #remove(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.cancel();
    pending?.leave();
    return pending;
  }
}

/** The reason of a withdrawal, without the promise of its code that nothing left. */
function mayHaveLeft(cause: WsError): WsError {
  if (!NOT_SENT.has(cause.code)) return cause;
  const message = "the question was withdrawn, and may have left before";
  return new WsError({ kind: "connection", code: "SEND_FATE_UNKNOWN", message, cause });
}

function failure(error: unknown): WsError {
  if (isWsError(error)) return error;
  const message = "the send failed with something that is no WsError";
  return new WsError({ kind: "unknown", code: "SEND_FAILED", message, cause: error });
}
