import type { Timer } from "@oath-ws/contract";
import { answerOf, Calls } from "@oath-ws/venue-kit";
import type { CallBudget, CallOptions, CallOutcome, LateAnswers } from "@oath-ws/venue-kit";
import { apiVerdict } from "../rest/api-error.js";
import { WeightBudget } from "../rest/weight-budget.js";
import type { WeightLimit } from "../rest/weight-budget.js";
import type { ApiLine } from "../user-data/api-line.js";
import { signParams } from "../user-data/sign-params.js";
import type { Params } from "../user-data/sign-params.js";
import { readTime } from "../user-data/user-data-login.js";
import { isUncertain } from "./api-methods.js";

/** A request of the WebSocket API. */
export interface ApiRequest {
  readonly method: string;
  /** Parameters without a value are left out. */
  readonly params?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** What the venue charges for it. */
  readonly weight: number;
  /** Whether key, time and signature are added (B-35). */
  readonly isSigned: boolean;
  /** Whether it counts in the limit of orders. */
  readonly isOrder?: boolean | undefined;
  /** Told of the time that it is signed with, in Unix milliseconds of the venue's clock. */
  readonly onSigned?: ((timestamp: number) => void) | undefined;
}

interface Ready {
  readonly method: string;
  readonly params: Params;
}

/** What an {@link ApiCaller} needs. */
export interface ApiCallerOptions {
  readonly timer: Timer;
  readonly line: ApiLine;
  readonly orderLimit: WeightLimit;
}

/**
 * Requests of the WebSocket API: each takes its weight, is signed with the time at which it leaves,
 * and is sent once.
 */
export class ApiCaller {
  readonly #line: ApiLine;
  readonly #calls: Calls<ApiRequest, Ready>;
  readonly #orders: Calls<ApiRequest, Ready>;
  #comparing = false;

  constructor({ timer, line, orderLimit }: ApiCallerOptions) {
    const { budget } = line;
    const orders = new WeightBudget(timer, orderLimit);
    this.#line = line;
    this.#calls = this.#callsWithin(timer, budget);
    this.#orders = this.#callsWithin(timer, {
      take: async (weight, signal) => {
        await orders.take(1, signal);
        await budget.take(weight, signal);
      },
    });
  }

  /** Never rejects. A refusal for our clock makes the clocks be compared, and nothing else. */
  async call(
    request: ApiRequest,
    options?: CallOptions,
    late?: LateAnswers,
  ): Promise<CallOutcome<unknown>> {
    const calls = request.isOrder === true ? this.#orders : this.#calls;
    const outcome = await calls.call(request, options, late);
    if (outcome.kind === "refused" && apiVerdict(outcome.error) === "clock")
      void this.#compareClocks();
    return outcome;
  }

  #callsWithin(timer: Timer, budget: CallBudget): Calls<ApiRequest, Ready> {
    return new Calls<ApiRequest, Ready>({
      timer,
      budget,
      weigh: ({ weight }) => weight,
      prepare: (request) => this.#ready(request),
      send: ({ method, params }, context) =>
        this.#line.call((id) => JSON.stringify({ id, method, params }), context),
      isUncertain,
    });
  }

  async #ready({ method, params = {}, isSigned, onSigned }: ApiRequest): Promise<Ready> {
    const given = Object.fromEntries(
      Object.entries(params).filter((entry): entry is [string, string | number | boolean] => {
        return entry[1] !== undefined;
      }),
    );
    if (!isSigned) return { method, params: given };
    const { credentials, clock } = this.#line;
    const timestamp = clock.now();
    onSigned?.(timestamp);
    return { method, params: await signParams(credentials, timestamp, given) };
  }

  async #compareClocks(): Promise<void> {
    if (this.#comparing) return;
    this.#comparing = true;
    try {
      await this.#line.clock.compare(async () => {
        const outcome = await this.call({ method: "time", weight: 1, isSigned: false });
        return readTime(answerOf(outcome));
      });
    } catch {
      // The next request that is refused for it compares them again.
    } finally {
      this.#comparing = false;
    }
  }
}
