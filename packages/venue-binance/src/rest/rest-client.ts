import type { CancelSignal, Timer } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { cancelController, parseRetryAfter, scheduleDeadline } from "@oath-ws/resilience";
import type { FetchAnswer, StrictFetch } from "@oath-ws/venue-kit";
import { apiError } from "./api-error.js";
import { Slots } from "./slots.js";
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
  readonly #slots = new Slots(MAX_CONCURRENT);

  constructor(options: RestClientOptions) {
    this.#options = options;
  }

  /**
   * The answer to a GET request. Rejects with a `WsError` (refused: `VENUE_` and the venue's code;
   * not understood: `REST_INVALID`; those of `StrictFetch`), or with the signal's reason.
   */
  async get({ path, headers, weight, signal }: RestRequest): Promise<unknown> {
    // The place comes first: weight is taken, and a ban looked at, at the moment of sending.
    await this.#slots.take(signal);
    try {
      await this.#options.budget.take(weight, signal);
      return await this.#within(path, headers ?? {}, signal);
    } finally {
      this.#slots.free();
    }
  }

  /**
   * Ends when the answer is there, the time is up or the caller gives up, also when `fetch` does
   * not heed its signal.
   */
  async #within(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: CancelSignal | undefined,
  ): Promise<unknown> {
    const { timer, timeoutMs } = this.#options;
    if (signal?.aborted === true) throw signal.reason;
    const request = cancelController();
    let giveUp: (reason: unknown) => void = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      giveUp = (reason) => {
        request.abort(reason);
        reject(reason);
      };
    });
    const onAbort = (): void => giveUp(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    const cancelTimeout = scheduleDeadline(timer, timeoutMs, () =>
      giveUp(
        new WsError({
          kind: "timeout",
          code: "REST_TIMEOUT",
          message: `no answer came within ${timeoutMs} ms`,
        }),
      ),
    );
    try {
      return await Promise.race([this.#ask(path, headers, request.signal), ended]);
    } finally {
      cancelTimeout();
      signal?.removeEventListener("abort", onAbort);
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
