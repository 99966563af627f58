import type { CancelSignal, Timer } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { cancelController } from "@oath-ws/resilience";
import { apiError } from "./api-error.js";
import type { FetchLike } from "./fetch-like.js";
import { Slots } from "./slots.js";
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

/** How long to stay away when the venue refuses and does not say: the limit's window, and the shortest ban (reference 2.5). */
const UNTOLD_BLOCK_MS: ReadonlyMap<number, number> = new Map([
  [429, 60_000],
  [418, 120_000],
]);

/** Asks the venue's REST API, within its weight limit. */
export class RestClient {
  readonly #options: RestClientOptions;
  readonly #slots = new Slots(MAX_CONCURRENT);

  constructor(options: RestClientOptions) {
    this.#options = options;
  }

  /**
   * The answer to a GET request. Rejects with a `WsError` (refused: `VENUE_` and the venue's code; unreachable: `REST_FAILED`; `REST_TIMEOUT`; not
   * understood: `REST_INVALID`), or with the signal's reason.
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

  /** Ends when the answer is there, the time is up or the caller gives up, also when `fetch` does not heed its signal. */
  async #within(path: string, headers: Readonly<Record<string, string>>, signal: CancelSignal | undefined): Promise<unknown> {
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
    const cancelTimeout = timer.schedule(timeoutMs, () =>
      giveUp(new WsError({ kind: "timeout", code: "REST_TIMEOUT", message: `no answer came within ${timeoutMs} ms` })),
    );
    try {
      return await Promise.race([this.#ask(path, headers, request.signal), ended]);
    } finally {
      cancelTimeout();
      signal?.removeEventListener("abort", onAbort);
    }
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
    // An empty header would count as zero.
    const seconds = retryAfter === null || retryAfter.trim() === "" ? Number.NaN : Number(retryAfter);
    const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : undefined;
    const blockMs = retryAfterMs ?? UNTOLD_BLOCK_MS.get(status);
    if (blockMs !== undefined) this.#options.budget.block(blockMs);
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
