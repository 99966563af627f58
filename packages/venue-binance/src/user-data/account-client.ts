import type { CancelSignal } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { apiVerdict } from "../rest/api-error.js";
import type { RestClient } from "../rest/rest-client.js";
import { signaturePayload } from "../rest/signed-request.js";
import type { AccountSnapshot, OpenOrder } from "./account-snapshot.js";
import type { Credentials } from "./credentials.js";
import type { VenueClock } from "./venue-clock.js";

/** What an {@link AccountClient} needs. */
export interface AccountClientOptions {
  readonly rest: RestClient;
  readonly credentials: Credentials;
  readonly clock: VenueClock;
}

/** Asks by REST what nothing on the stream replays: open orders and balances. */
export class AccountClient {
  readonly #options: AccountClientOptions;

  constructor(options: AccountClientOptions) {
    this.#options = options;
  }

  /** Rejects like {@link RestClient.get}. */
  async snapshot(signal: CancelSignal): Promise<AccountSnapshot> {
    // One after the other: a fill in between then shows in the balances, never an order without its
    // effect.
    const openOrders = (await this.#signed(
      "/api/v3/openOrders",
      80,
      signal,
    )) as readonly OpenOrder[];
    const account = (await this.#signed("/api/v3/account", 20, signal)) as {
      readonly balances?: AccountSnapshot["balances"];
    };
    if (!Array.isArray(openOrders) || !Array.isArray(account.balances))
      throw invalid("no orders or no balances");
    return { balances: account.balances, openOrders };
  }

  async #signed(path: string, weight: number, signal: CancelSignal): Promise<unknown> {
    try {
      return await this.#request(path, weight, signal);
    } catch (error) {
      if (!isWsError(error) || apiVerdict(error) !== "clock") throw error;
      await this.#options.clock.compare(() => this.#serverTime(signal));
      return this.#request(path, weight, signal);
    }
  }

  async #serverTime(signal: CancelSignal): Promise<number> {
    const answer = (await this.#options.rest.get({ path: "/api/v3/time", weight: 1, signal })) as {
      readonly serverTime?: unknown;
    };
    if (typeof answer.serverTime !== "number") throw invalid("no time");
    return answer.serverTime;
  }

  async #request(path: string, weight: number, signal: CancelSignal): Promise<unknown> {
    const { rest, credentials, clock } = this.#options;
    const { apiKey, recvWindow, sign } = credentials;
    const query = signaturePayload({
      timestamp: clock.now(),
      ...(recvWindow === undefined ? {} : { recvWindow }),
    });
    const signature = encodeURIComponent(await sign(query));
    return rest.get({
      path: `${path}?${query}&signature=${signature}`,
      headers: { "X-MBX-APIKEY": apiKey },
      weight,
      signal,
    });
  }
}

function invalid(what: string): WsError {
  return new WsError({
    kind: "server",
    code: "REST_INVALID",
    message: `the venue's REST API sent ${what}`,
  });
}
