import type { Fault } from "../faults/fault.js";
import { WaitingFaults } from "../faults/waiting-faults.js";
import type { Endpoint } from "./stats.js";

type AnswerErrors = Extract<Fault, { kind: "answer-errors" }>;

/** The error that takes the place of an answer. */
export interface RequestError {
  readonly code: number;
  readonly msg: string;
  readonly status: number;
  /** Venue milliseconds that the venue wants to be left alone; `undefined`: it does not say. */
  readonly retryAfterMs: number | undefined;
  /** How the streams write it; `undefined`: as the simulator's option says. */
  readonly form: "documented" | "nested" | undefined;
}

/** Faults that wait for the next requests, whichever connection they come on. */
export class RequestFaults {
  readonly #errors: WaitingFaults<RequestError & { readonly endpoint: Endpoint | "all" }> =
    new WaitingFaults();
  #terminations = 0;

  /** Lets the next requests of an endpoint fail. */
  add(fault: AnswerErrors, endpoint: Endpoint | "all"): void {
    const { code = -1000, msg = "An unknown error occurred.", status = 400, count = 1 } = fault;
    const { retryAfterMs, form } = fault;
    this.#errors.add({ code, msg, status, retryAfterMs, form, endpoint }, count);
  }

  /** Lets the next subscriptions to user data end as soon as they are confirmed. */
  terminate(count: number): void {
    this.#terminations += count;
  }

  /** The error for the next request; `undefined` when it is carried out. Uses it up. */
  nextError(endpoint: Endpoint): RequestError | undefined {
    return this.#errors.take((each) => each.endpoint === "all" || each.endpoint === endpoint);
  }

  /** Whether the next subscription ends at once. Uses it up. */
  nextTermination(): boolean {
    if (this.#terminations === 0) return false;
    this.#terminations--;
    return true;
  }

  /** Forgets all. */
  clear(): void {
    this.#errors.clear();
    this.#terminations = 0;
  }
}
