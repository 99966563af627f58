import type { CancelSignal, WsError } from "@oath-ws/contract";

/**
 * How a call ended. The kit sends each request at most once, whatever the outcome is.
 *
 * - `answered`: the venue carried it out
 * - `refused`: the venue answered that it did not; a refusal for asking too fast is one too
 * - `didNotLeave`: the request certainly did not reach the venue; it may be called again
 * - `fateUnknown`: the venue may have carried it out; ask what became of it before anything else
 */
export type CallOutcome<A> =
  | { readonly kind: "answered"; readonly answer: A }
  | { readonly kind: "refused"; readonly error: WsError }
  | { readonly kind: "didNotLeave"; readonly error: WsError }
  | { readonly kind: "fateUnknown"; readonly error: WsError };

/** What a venue answered. */
export type CallAnswer = Extract<CallOutcome<unknown>, { kind: "answered" | "refused" }>;

/** What a way to the venue is told about one request. */
export interface CallContext {
  /** Aborted with a `WsError` when the call's time is over, or its caller gives up. */
  readonly signal: CancelSignal;
  /** Where an answer goes that comes after the call has ended as `fateUnknown`; see `Queries`. */
  readonly late?: LateAnswers | undefined;
}

/** Who is told of an answer that came too late for its call. */
export interface LateAnswers {
  /** How long after the end of the call it is listened for, in milliseconds. */
  readonly forMs: number;
  readonly tell: (answer: CallAnswer) => void;
}

/** The answer of a call that has to succeed. @throws the error of any other outcome */
export function answerOf<A>(outcome: CallOutcome<A>): A {
  if (outcome.kind === "answered") return outcome.answer;
  throw outcome.error;
}
