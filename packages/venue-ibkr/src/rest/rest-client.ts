import type { CancelSignal, Timer } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { parseRetryAfter } from "@oath-ws/resilience";
import { cancelController, kindOfStatus } from "@oath-ws/resilience/leaf";
import { AdmissionQueue, waitTimer, withinTime } from "@oath-ws/venue-kit";
import type { FetchAnswer, StrictFetch } from "@oath-ws/venue-kit";
import { CookieJar } from "./cookie-jar.js";
import { Paces } from "./paces.js";
import type { PacingOptions } from "./paces.js";

/**
 * Adds what proves who asks, for venues behind OAuth: headers for this request. The gateway itself
 * needs none.
 */
export type RequestSigner = (request: {
  readonly method: string;
  readonly url: string;
}) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;

/** What a {@link RestClient} needs. */
export interface RestClientOptions {
  /** Scheme, host, port and base path. */
  readonly url: string;
  readonly fetch: StrictFetch;
  readonly timer: Timer;
  readonly pacing: PacingOptions | undefined;
  /** How long nothing is asked after a 429, in milliseconds, unless the venue names more. */
  readonly penaltyMs: number;
  /** How long one request may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly sign: RequestSigner | undefined;
  /** The penalty box has closed. */
  readonly onPenalty: () => void;
}

/** One request. */
export interface RestRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path below the base, and query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object | undefined;
  readonly signal?: CancelSignal | undefined;
  /** Told right before the request leaves: what fails before that did not reach the venue. */
  readonly onSend?: (() => void) | undefined;
  /** Goes before all that wait: the session itself hangs on it. */
  readonly first?: boolean | undefined;
}

/**
 * Asks the venue's REST API: in the pace that it allows, and not at all for as long as it has put
 * us into its penalty box. Keeps the gateway's cookies.
 */
export class RestClient {
  readonly cookies: CookieJar = new CookieJar();
  readonly #options: RestClientOptions;
  readonly #paces: Paces;
  readonly #queue: AdmissionQueue<string>;
  /** Of the pace and the penalty box: both go on while the machine sleeps. */
  readonly #waits: Timer;
  #penaltyUntil = Number.NEGATIVE_INFINITY;
  /** Gives up the requests that are under way. */
  readonly #stop = cancelController();

  constructor(options: RestClientOptions) {
    this.#options = options;
    this.#waits = waitTimer(options.timer);
    this.#paces = new Paces(this.#waits, options.pacing);
    this.#queue = new AdmissionQueue({ timer: this.#waits, rule: this.#paces, inOrder: false });
  }

  /** Milliseconds until something may be asked again; 0 for now. */
  get penaltyMs(): number {
    return Math.max(0, this.#penaltyUntil - this.#waits.now());
  }

  /**
   * The answer's JSON. Rejects with a `WsError`: `PENALTY_BOX` (with `retryAfterMs`),
   * `REST_REFUSED` (with `status`), `REST_INVALID`, those of `StrictFetch`, `SIGN_FAULT`,
   * `SHUT_DOWN`; or with the signal's reason. No message holds anything of what was sent or
   * answered.
   */
  async request(request: RestRequest): Promise<unknown> {
    const { timer, timeoutMs } = this.#options;
    const { path, first, signal } = request;
    this.#admit();
    await this.#queue.enter(path, signal, first);
    const onWay = new OnWay(this.#waits);
    try {
      // While it waited, another one may have gone too far.
      this.#admit();
      const signals = [signal, this.#stop.signal];
      const bounds = { timer, timeoutMs, signals };
      return await withinTime((ended) => this.#send(request, ended, onWay), bounds);
    } finally {
      this.#paces.ended(path, onWay.ms);
      this.#queue.serve();
    }
  }

  /** Refuses what waits or is under way, and everything from now on. */
  stop(): void {
    this.#queue.clear(shutDown());
    this.#stop.abort(shutDown());
  }

  #admit(): void {
    if (this.#stop.signal.aborted) throw shutDown();
    if (this.penaltyMs > 0) throw this.#penalised();
  }

  async #send(
    { method, path, body, onSend }: RestRequest,
    signal: CancelSignal,
    onWay: OnWay,
  ): Promise<unknown> {
    const { fetch, url, sign, timeoutMs } = this.#options;
    const target = url + path;
    const cookie = this.cookies.header();
    const proof = await signed(sign, method, target);
    // The signer may have taken long.
    if (signal.aborted) throw signal.reason;
    let answer: FetchAnswer;
    try {
      onSend?.();
      onWay.left();
      answer = await fetch(target, {
        baseUrl: url,
        method,
        headers: {
          Accept: "application/json",
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(cookie === undefined ? {} : { Cookie: cookie }),
          ...proof,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal,
        timeoutMs,
      });
      onWay.ended();
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      if (!isWsError(cause) || cause.code !== "REST_TIMEOUT") onWay.ended();
      if (!isWsError(cause)) {
        const message = "the venue's REST API could not be reached";
        throw new WsError({ kind: "connection", code: "REST_FAILED", message, cause });
      }
      // An answer that could not be taken has put us into the box all the same.
      throw cause.status === 429 ? this.#penalise(cause.retryAfterMs) : cause;
    }
    for (const header of answer.cookies) this.cookies.store(header);
    return this.#read(answer);
  }

  #read({ status, headers, body }: FetchAnswer): unknown {
    if (status === 429) {
      const wallNow = this.#options.timer.wallNow();
      throw this.#penalise(parseRetryAfter(headers["retry-after"], headers["date"], wallNow));
    }
    if (status < 200 || status > 299) {
      const message = `the venue's REST API answered with status ${status}`;
      throw new WsError({ kind: kindOfStatus(status), code: "REST_REFUSED", message, status });
    }
    try {
      return JSON.parse(body) as unknown;
    } catch {
      throw new WsError({
        kind: "server",
        code: "REST_INVALID",
        message: "the venue's REST API sent no JSON",
        status,
      });
    }
  }

  /** Refuses what waits, and everything for the documented time, or longer if the venue says so. */
  #penalise(retryAfterMs: number | undefined): WsError {
    const { penaltyMs, onPenalty } = this.#options;
    this.#penaltyUntil = Math.max(
      this.#penaltyUntil,
      this.#waits.now() + Math.max(penaltyMs, retryAfterMs ?? 0),
    );
    const error = this.#penalised();
    this.#queue.clear(error);
    onPenalty();
    return error;
  }

  #penalised(): WsError {
    const retryAfterMs = Math.ceil(this.penaltyMs);
    const pause = `nothing is asked for ${retryAfterMs} ms`;
    const message = `the venue has put us into its penalty box; ${pause}`;
    return new WsError({
      kind: "throttled",
      code: "PENALTY_BOX",
      message,
      status: 429,
      retryAfterMs,
    });
  }
}

/** How long a request that was given up without an answer may still be on its way. */
class OnWay {
  readonly #timer: Timer;
  #leftAt: number | undefined;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  /** It is handed to the platform. */
  left(): void {
    this.#leftAt = this.#timer.now();
  }

  /** It is not on its way any more: there is an answer, or the connection failed. */
  ended(): void {
    this.#leftAt = undefined;
  }

  /** As long as it has been already, in milliseconds: a slow network is taken to stay as slow. */
  get ms(): number {
    return this.#leftAt === undefined ? 0 : this.#timer.now() - this.#leftAt;
  }
}

async function signed(
  sign: RequestSigner | undefined,
  method: string,
  url: string,
): Promise<Readonly<Record<string, string>>> {
  try {
    return (await sign?.({ method, url })) ?? {};
  } catch (cause) {
    throw new WsError({ kind: "auth", code: "SIGN_FAULT", message: "the signer failed", cause });
  }
}

function shutDown(): WsError {
  return new WsError({
    kind: "client",
    code: "SHUT_DOWN",
    message: "the session keeper was shut down",
  });
}
