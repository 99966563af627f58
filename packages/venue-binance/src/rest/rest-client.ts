import type { CancelSignal, Timer } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { parseRetryAfter } from "@oath-ws/resilience";
import { AdmissionQueue, withinTime } from "@oath-ws/venue-kit";
import type { FetchAnswer, StrictFetch } from "@oath-ws/venue-kit";
import { apiError } from "./api-error.js";
import type { WeightBudget } from "./weight-budget.js";

/** What a {@link RestClient} needs. */
export interface RestClientOptions {
  /** Scheme, host and port. */
  readonly url: string;
  readonly fetch: StrictFetch;
  readonly timer: Timer;
  /** Shared by all who ask from this IP address. */
  readonly budget: WeightBudget;
  /** How long one request may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** One request. */
export interface RestRequest {
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What the venue charges for it. */
  readonly weight: number;
  readonly signal?: CancelSignal | undefined;
}

/** Requests under way at once; more only wait on the venue's side. */
const MAX_CONCURRENT = 8;

/** Asks the venue's REST API, within its weight limit. */
export class RestClient {
  readonly #options: RestClientOptions;
  readonly #places: AdmissionQueue<undefined>;
  #underWay = 0;

  constructor(options: RestClientOptions) {
    this.#options = options;
    const rule = {
      waitMs: () => (this.#underWay < MAX_CONCURRENT ? 0 : Number.POSITIVE_INFINITY),
      admit: () => void this.#underWay++,
    };
    this.#places = new AdmissionQueue({ timer: options.timer, rule, inOrder: true });
  }

  /**
   * The answer to a GET request. Rejects with a `WsError` (refused: `VENUE_` and the venue's code;
   * not understood: `REST_INVALID`; those of `StrictFetch`), or with the signal's reason.
   */
  async get({ path, headers, weight, signal }: RestRequest): Promise<unknown> {
    const { budget, timer, timeoutMs } = this.#options;
    // The place comes first: weight is taken, and a ban looked at, at the moment of sending.
    await this.#places.enter(undefined, signal);
    try {
      await budget.take(weight, signal);
      const ask = (ended: CancelSignal): Promise<unknown> => this.#ask(path, headers ?? {}, ended);
      return await withinTime(ask, { timer, timeoutMs, signals: [signal] });
    } finally {
      this.#underWay--;
      this.#places.serve();
    }
  }

  async #ask(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: CancelSignal,
  ): Promise<unknown> {
    const { url, fetch, budget, timeoutMs } = this.#options;
    let answer: FetchAnswer;
    try {
      answer = await fetch(url + path, { baseUrl: url, method: "GET", headers, signal, timeoutMs });
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (!isWsError(cause)) {
        const message = "the venue's REST API could not be reached";
        throw new WsError({ kind: "connection", code: "REST_FAILED", message, cause });
      }
      // An answer that could not be taken has asked us to stay away all the same.
      if (cause.status !== undefined) budget.refused(cause.status, cause.retryAfterMs);
      throw cause;
    }
    return this.#read(answer);
  }

  #read({ status, headers, body: text }: FetchAnswer): unknown {
    const body = parse(text);
    if (status === 200) {
      if (body !== undefined) return body;
      throw new WsError({
        kind: "server",
        code: "REST_INVALID",
        message: "the venue's REST API sent no JSON",
        status,
      });
    }
    const { timer, budget } = this.#options;
    const retryAfterMs = parseRetryAfter(headers["retry-after"], headers["date"], timer.wallNow());
    budget.refused(status, retryAfterMs);
    const { code, msg } = (typeof body === "object" && body !== null ? body : {}) as {
      code?: unknown;
      msg?: unknown;
    };
    throw apiError(
      status,
      typeof code === "number" ? code : 0,
      typeof msg === "string" ? msg : `HTTP status ${status}`,
      retryAfterMs,
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
