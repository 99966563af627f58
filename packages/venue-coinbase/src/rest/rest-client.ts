import type { CancelSignal, Timer } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { parseRetryAfter } from "@oath-ws/resilience";
import { AdmissionQueue, RollingLimit, waitTimer } from "@oath-ws/venue-kit";
import type { FetchAnswer, StrictFetch } from "@oath-ws/venue-kit";

/** The public REST API of the live venue (C-25). */
export const REST_URL = "https://api.coinbase.com";

/** Half of what the venue allows an IP address (C-26): others at this address ask too. */
const LIMIT = { max: 5, windowMs: 1_000 };
/** How long one request may take, in milliseconds. */
const TIMEOUT_MS = 10_000;
/** A page of 1 000 trades has some 200 KB. */
const MAX_BODY_BYTES = 2 * 1_048_576;

interface RestParts {
  /** Scheme, host and port. */
  readonly url: string;
  readonly fetch: StrictFetch;
  readonly timer: Timer;
}

/**
 * Asks the venue's public REST API, at most 5 times a second. A refusal for the rate, and the pause
 * that it states, hold back all requests of this client.
 */
export class RestClient {
  readonly #parts: RestParts;
  readonly #waits: Timer;
  readonly #limit = new RollingLimit(LIMIT);
  readonly #queue: AdmissionQueue<undefined>;

  constructor(parts: RestParts) {
    this.#parts = parts;
    this.#waits = waitTimer(parts.timer);
    const rule = {
      waitMs: () => this.#limit.waitMs(this.#waits.now()),
      admit: () => this.#limit.spend(this.#waits.now()),
    };
    this.#queue = new AdmissionQueue({ timer: this.#waits, rule, inOrder: true });
  }

  /**
   * The answer to a GET request. Rejects with a `WsError` (`REST_REFUSED` with the status;
   * `REST_INVALID` for what is no JSON; those of `StrictFetch`), or with the signal's reason.
   */
  async get(path: string, signal: CancelSignal): Promise<unknown> {
    const { url, fetch } = this.#parts;
    await this.#queue.enter(undefined, signal);
    let answer: FetchAnswer;
    try {
      answer = await fetch(url + path, {
        baseUrl: url,
        method: "GET",
        headers: { "cache-control": "no-cache" },
        signal,
        timeoutMs: TIMEOUT_MS,
        maxBodyBytes: MAX_BODY_BYTES,
      });
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (isWsError(cause)) {
        this.#heed(cause.status, cause.retryAfterMs);
        throw cause;
      }
      const message = "the venue's REST API could not be reached";
      throw new WsError({ kind: "connection", code: "REST_FAILED", message, cause });
    }
    return this.#read(answer);
  }

  #read({ status, headers, body }: FetchAnswer): unknown {
    if (status !== 200) {
      const wallNow = this.#parts.timer.wallNow();
      const retryAfterMs = parseRetryAfter(headers["retry-after"], headers["date"], wallNow);
      this.#heed(status, retryAfterMs);
      throw new WsError({
        kind: status === 429 ? "throttled" : status < 500 ? "client" : "server",
        code: "REST_REFUSED",
        message: `the venue's REST API answered with HTTP status ${status}`,
        status,
        retryAfterMs,
      });
    }
    this.#limit.accepted();
    try {
      return JSON.parse(body);
    } catch (cause) {
      const message = "the venue's REST API sent no JSON";
      throw new WsError({ kind: "server", code: "REST_INVALID", message, status, cause });
    }
  }

  #heed(status: number | undefined, retryAfterMs: number | undefined): void {
    if (status === 429) this.#limit.refused(this.#waits.now(), retryAfterMs);
    else if (retryAfterMs !== undefined) this.#limit.block(this.#waits.now(), retryAfterMs);
  }
}
