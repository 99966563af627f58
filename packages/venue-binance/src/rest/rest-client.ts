import type { CancelSignal, Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { cancelController } from "@oath-ws/resilience";
import { apiError } from "./api-error.js";
import type { FetchLike } from "./fetch-like.js";
import type { WeightBudget } from "./weight-budget.js";

/** What a {@link RestClient} needs. */
export interface RestClientOptions {
  /** Scheme, host and port. */
  readonly url: string;
  readonly fetch: FetchLike;
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
  readonly #queue: (() => void)[] = [];
  #underWay = 0;

  constructor(options: RestClientOptions) {
    this.#options = options;
  }

  /**
   * The answer to a GET request. Rejects with a `WsError` (refused: `VENUE_` and the venue's code; unreachable: `REST_FAILED`; `REST_TIMEOUT`; not
   * understood: `REST_INVALID`), or with the signal's reason.
   */
  async get({ path, headers, weight, signal }: RestRequest): Promise<unknown> {
    const { timer, budget, timeoutMs } = this.#options;
    await budget.take(weight, signal);
    await this.#slot();
    const request = cancelController();
    const onAbort = (): void => request.abort(signal?.reason);
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener("abort", onAbort);
    const cancelTimeout = timer.schedule(timeoutMs, () =>
      request.abort(new WsError({ kind: "timeout", code: "REST_TIMEOUT", message: `no answer came within ${timeoutMs} ms` })),
    );
    try {
      return await this.#ask(path, headers ?? {}, request.signal);
    } finally {
      this.#free();
      cancelTimeout();
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Waits for a place among the requests under way. Each of those ends by itself, at the latest when its time is up. */
  async #slot(): Promise<void> {
    if (this.#underWay < MAX_CONCURRENT) this.#underWay++;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  #free(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#underWay--;
    else next();
  }

  async #ask(path: string, headers: Readonly<Record<string, string>>, signal: CancelSignal): Promise<unknown> {
    const { url, fetch } = this.#options;
    let status: number;
    let retryAfter: string | null;
    let text: string;
    try {
      // The signal is a real one of the platform, though the floor that made it has no name for that.
      const response = await fetch(url + path, { headers: { ...headers }, signal: signal as AbortSignal });
      status = response.status;
      retryAfter = response.headers.get("retry-after");
      text = await response.text();
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw new WsError({ kind: "connection", code: "REST_FAILED", message: "the venue's REST API could not be reached", cause });
    }
    return this.#read(status, retryAfter, text);
  }

  #read(status: number, retryAfter: string | null, text: string): unknown {
    const body = parse(text);
    if (status === 200) {
      if (body !== undefined) return body;
      throw new WsError({ kind: "server", code: "REST_INVALID", message: "the venue's REST API sent no JSON", status });
    }
    const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
    const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
    if (retryAfterMs !== undefined) this.#options.budget.block(retryAfterMs);
    const { code, msg } = (typeof body === "object" && body !== null ? body : {}) as { code?: unknown; msg?: unknown };
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
