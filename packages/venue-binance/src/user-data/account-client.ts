import type { CancelSignal } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import type { FetchLike } from "../rest/fetch-like.js";
import { signaturePayload } from "../rest/signed-request.js";
import type { AccountSnapshot, OpenOrder } from "./account-snapshot.js";
import { apiError, apiVerdict } from "./api-error.js";
import type { Credentials } from "./credentials.js";
import type { VenueClock } from "./venue-clock.js";

/** What an {@link AccountClient} needs. */
export interface AccountClientOptions {
  readonly restUrl: string;
  readonly fetch: FetchLike;
  readonly credentials: Credentials;
  readonly clock: VenueClock;
}

/** Asks by REST what nothing on the stream replays: open orders and balances (weights 80 and 20). */
export class AccountClient {
  readonly #options: AccountClientOptions;

  constructor(options: AccountClientOptions) {
    this.#options = options;
  }

  /** Rejects with a `WsError`: refused (`VENUE_…`), unreachable (`REST_FAILED`), or not understood (`REST_INVALID`). */
  async snapshot(signal: CancelSignal): Promise<AccountSnapshot> {
    // One after the other: a fill in between then shows in the balances, never an order without its effect.
    const openOrders = (await this.#get("/api/v3/openOrders", signal)) as readonly OpenOrder[];
    const account = (await this.#get("/api/v3/account", signal)) as { readonly balances?: AccountSnapshot["balances"] };
    if (!Array.isArray(openOrders) || !Array.isArray(account.balances)) throw invalid("an answer without orders or balances");
    return { balances: account.balances, openOrders };
  }

  async #get(path: string, signal: CancelSignal): Promise<unknown> {
    try {
      return await this.#request(path, signal);
    } catch (error) {
      if (!isWsError(error) || apiVerdict(error) !== "clock") throw error;
      await this.#options.clock.compare(() => this.#serverTime(signal));
      return this.#request(path, signal);
    }
  }

  async #serverTime(signal: CancelSignal): Promise<number> {
    const answer = (await this.#fetch("/api/v3/time", {}, signal)) as { readonly serverTime?: unknown };
    if (typeof answer.serverTime !== "number") throw invalid("no time");
    return answer.serverTime;
  }

  async #request(path: string, signal: CancelSignal): Promise<unknown> {
    const { credentials, clock } = this.#options;
    const { apiKey, recvWindow, sign } = credentials;
    const query = signaturePayload({ timestamp: clock.now(), ...(recvWindow === undefined ? {} : { recvWindow }) });
    const signature = encodeURIComponent(await sign(query));
    return this.#fetch(`${path}?${query}&signature=${signature}`, { "X-MBX-APIKEY": apiKey }, signal);
  }

  async #fetch(path: string, headers: Readonly<Record<string, string>>, signal: CancelSignal): Promise<unknown> {
    const { fetch, restUrl } = this.#options;
    let status: number;
    let text: string;
    let retryAfter: string | null;
    try {
      // The recovery gate hands out real signals of the platform, though its floor has no name for them.
      const response = await fetch(restUrl + path, { headers: { ...headers }, signal: signal as AbortSignal });
      status = response.status;
      retryAfter = response.headers.get("retry-after");
      text = await response.text();
    } catch (cause) {
      throw new WsError({
        kind: "connection",
        code: "REST_FAILED",
        message: "the venue's REST endpoint could not be asked",
        cause,
      });
    }
    const body = parse(text);
    if (status === 200) return body;
    const { code, msg } = (typeof body === "object" && body !== null ? body : {}) as { code?: number; msg?: string };
    const seconds = Number(retryAfter ?? Number.NaN);
    throw apiError(status, code ?? 0, msg ?? `HTTP ${status}`, Number.isFinite(seconds) ? seconds * 1_000 : undefined);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(what: string): WsError {
  return new WsError({ kind: "server", code: "REST_INVALID", message: `the venue's REST endpoint sent ${what}` });
}
