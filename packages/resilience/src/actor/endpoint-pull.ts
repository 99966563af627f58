import type { EndpointContext, EndpointSource, Timer } from "@oath-ws/contract";
import { urlsFaults, WsError } from "@oath-ws/contract";
import { blameAuthSource } from "../core/blame.js";
import type { SupervisorInput } from "../core/supervisor-messages.js";
import { typeName } from "../number-fault.js";
import { asWsError } from "../primitives/as-ws-error.js";
import type { CancelController } from "../primitives/cancel.js";
import { cancelController } from "../primitives/cancel.js";
import { scheduleRunningTime } from "../primitives/running-time.js";

/** Asks an `EndpointSource`, one question at a time. */
export class EndpointPull {
  readonly #source: EndpointSource;
  readonly #timer: Timer;
  readonly #timeoutMs: number;
  readonly #answer: (input: SupervisorInput) => void;
  /** Of the question that is open. */
  #controller: CancelController | undefined;
  #cancelDeadline: (() => void) | undefined;

  /**
   * @param answer is told `listed` or `failed`, once for each question that is not given up
   */
  constructor(
    source: EndpointSource,
    timer: Timer,
    timeoutMs: number,
    answer: (input: SupervisorInput) => void,
  ) {
    this.#answer = answer;
    this.#source = source;
    this.#timer = timer;
    this.#timeoutMs = timeoutMs;
  }

  /** Asks for the endpoints of a round. */
  ask({ round, lastError }: Omit<EndpointContext, "signal">): void {
    const controller = (this.#controller = cancelController());
    const { signal } = controller;
    const settle = (input: SupervisorInput): void => {
      if (this.#controller !== controller) return;
      this.#end();
      this.#answer(input);
    };
    const fail = (error: unknown): void => settle({ kind: "failed", error: asFailure(error) });
    this.#cancelDeadline = scheduleRunningTime(this.#timer, this.#timeoutMs, () => {
      const error = tooLate(this.#timeoutMs);
      fail(error);
      controller.abort(error);
    });
    asked(this.#source, { round, lastError, signal }).then(
      (urls) => settle({ kind: "listed", urls }),
      fail,
    );
  }

  /** Ends the question, if there is one. */
  giveUp(reason: WsError): void {
    const controller = this.#controller;
    this.#end();
    controller?.abort(reason);
  }

  #end(): void {
    this.#controller = undefined;
    this.#cancelDeadline?.();
    this.#cancelDeadline = undefined;
  }
}

/** `async`, so that a source that throws instead of rejecting is caught as well. */
async function asked(
  source: EndpointSource | undefined,
  context: EndpointContext,
): Promise<readonly string[]> {
  const urls: unknown = await source?.next(context);
  if (!Array.isArray(urls)) throw invalid(`it gave ${typeName(urls)}`);
  if (urls.length === 0) throw failed("it gave no URL");
  const faults = urlsFaults(urls).map(({ index, message }) =>
    index === undefined ? `the list ${message}` : `number ${index}: ${message}`,
  );
  if (faults.length > 0) throw invalid(faults.join("; "));
  // A copy: the caller may go on using its array.
  return [...(urls as string[])];
}

function asFailure(error: unknown): WsError {
  const message = "the EndpointSource failed";
  return blameAuthSource(asWsError(error, { code: "ENDPOINTS_FAILED", message }));
}

function invalid(why: string): WsError {
  const message = `the EndpointSource must give a list of URLs: ${why}`;
  return new WsError({ kind: "client", code: "ENDPOINTS_INVALID", message });
}

function failed(why: string): WsError {
  const message = `the EndpointSource failed: ${why}`;
  return new WsError({ kind: "unknown", code: "ENDPOINTS_FAILED", message });
}

function tooLate(timeoutMs: number): WsError {
  const message = `the EndpointSource did not answer within ${timeoutMs} ms (connect.timeoutMs)`;
  return new WsError({ kind: "timeout", code: "ENDPOINTS_FAILED", message });
}
