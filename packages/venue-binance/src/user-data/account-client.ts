import type { CancelSignal } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import type { VenueClock } from "@oath-ws/venue-kit";
import { apiVerdict } from "../rest/api-error.js";
import type { RestClient } from "../rest/rest-client.js";
import { signaturePayload } from "../rest/signed-request.js";
import { NO_SUCH_ORDER, ORDER_WEIGHT } from "../orders/api-methods.js";
import type { OrderStatus } from "../orders/order-payloads.js";
import type { AccountSnapshot, OpenOrder } from "./account-snapshot.js";
import type { Credentials } from "./credentials.js";
import type { Params } from "./sign-params.js";
import { readTime } from "./user-data-login.js";

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
      {},
      signal,
    )) as readonly OpenOrder[];
    const account = (await this.#signed("/api/v3/account", 20, {}, signal)) as {
      readonly balances?: AccountSnapshot["balances"];
    };
    if (!Array.isArray(openOrders) || !Array.isArray(account.balances))
      throw invalid("no orders or no balances");
    return { balances: account.balances, openOrders };
  }

  /** An order by the client's id; `undefined` if the venue has none. Rejects like the others. */
  async order(
    symbol: string,
    origClientOrderId: string,
    signal: CancelSignal,
  ): Promise<OrderStatus | undefined> {
    try {
      const params = { symbol, origClientOrderId };
      const answer = await this.#signed("/api/v3/order", ORDER_WEIGHT, params, signal);
      return answer as OrderStatus;
    } catch (error) {
      if (isWsError(error) && error.code === NO_SUCH_ORDER) return undefined;
      throw error;
    }
  }

  /** The venue's clock, in Unix milliseconds. Rejects like {@link RestClient.get}. */
  async serverTime(signal: CancelSignal): Promise<number> {
    return readTime(await this.#options.rest.get({ path: "/api/v3/time", weight: 1, signal }));
  }

  async #signed(
    path: string,
    weight: number,
    params: Params,
    signal: CancelSignal,
  ): Promise<unknown> {
    try {
      return await this.#request(path, weight, params, signal);
    } catch (error) {
      if (!isWsError(error) || apiVerdict(error) !== "clock") throw error;
      await this.#options.clock.compare(() => this.serverTime(signal));
      return this.#request(path, weight, params, signal);
    }
  }

  async #request(
    path: string,
    weight: number,
    params: Params,
    signal: CancelSignal,
  ): Promise<unknown> {
    const { rest, credentials, clock } = this.#options;
    const { apiKey, recvWindow, sign } = credentials;
    // REST signs the query as it is sent, and symbols may hold letters outside ASCII (B-3).
    const encoded = Object.entries(params).map(([name, value]) => [
      name,
      encodeURIComponent(String(value)),
    ]);
    const query = signaturePayload({
      ...(Object.fromEntries(encoded) as Params),
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
