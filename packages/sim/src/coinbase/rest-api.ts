import type { IncomingMessage, ServerResponse } from "node:http";
import type { VenueClock } from "../clock.js";
import type { WaitingFaults } from "../faults/waiting-faults.js";
import type { Market } from "../market/market.js";
import type { OrderArchive } from "../market/order-archive.js";
import { LimitByKey } from "../rules/limit-by-key.js";
import { respondJson } from "../wire/respond-json.js";
import type { CommonFault } from "./coinbase-fault.js";
import { tradesOf } from "./market/payloads.js";
import { plain } from "./market/plain.js";
import { canonicalProduct, type CoinbaseSettings } from "./resolve-options.js";

/** What goes wrong with the next requests for old trades. */
export type OldTradesFaults = WaitingFaults<Extract<CommonFault, { kind: "old-trades" }>>;

/** What REST works with. */
interface RestParts {
  readonly settings: CoinbaseSettings;
  readonly clock: VenueClock;
  readonly market: Market;
  readonly archive: OrderArchive;
  readonly oldTrades: OldTradesFaults;
}

const PATH = /^\/api\/v3\/brokerage\/market\/products\/([^/]+)\/ticker$/;
const TIME_PATH = "/api/v3/brokerage/time";
/** How long a slow answer takes when the fault does not say, in venue milliseconds. */
const SLOW_MS = 5_000;

/** The REST part of the venue: the public trades of a product (C-25) and its time (C-27). */
export class CoinbaseRest {
  readonly #parts: RestParts;
  readonly #limit: LimitByKey;

  constructor(parts: RestParts) {
    const { restRequests, restWindowMs, slackMs } = parts.settings.limits;
    this.#parts = parts;
    this.#limit = new LimitByKey(restRequests, restWindowMs, slackMs);
  }

  /** Answers a request. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const { clock, oldTrades } = this.#parts;
    const [path = "", query = ""] = (request.url ?? "/").split("?", 2);
    const product = PATH.exec(path)?.[1];
    const isTime = path === TIME_PATH;
    if (request.method !== "GET" || (product === undefined && !isTime)) {
      respondJson(response, 404, refusal("NOT_FOUND", "there is no such endpoint"));
      return;
    }
    if (!this.#limit.admit(request.socket.remoteAddress ?? "unknown", clock.now())) {
      respondJson(response, 429, refusal("RATE_LIMIT_EXCEEDED", "too many requests"));
      return;
    }
    if (product === undefined) {
      respondJson(response, 200, timeAt(clock.wallNow()));
      return;
    }
    const fault = oldTrades.take();
    if (fault?.answer === "refuse") {
      const { forMs } = fault;
      const pause = forMs === undefined ? {} : { "Retry-After": String(Math.ceil(forMs / 1_000)) };
      respondJson(response, 429, refusal("RATE_LIMIT_EXCEEDED", "too many requests"), pause);
      return;
    }
    const [status, body] = this.#trades(product, new URLSearchParams(query), fault?.answer);
    const answer = (): void => respondJson(response, status, body);
    if (fault?.answer === "slow") clock.after(fault.forMs ?? SLOW_MS, answer);
    else answer();
  }

  #trades(
    product: string,
    query: URLSearchParams,
    fault: "slow" | "partial" | undefined,
  ): readonly [status: number, body: object] {
    const { settings, market: markets, archive } = this.#parts;
    const limit = whole(query.get("limit"));
    const start = query.has("start") ? whole(query.get("start")) : 0;
    const end = query.has("end") ? whole(query.get("end")) : Number.POSITIVE_INFINITY;
    if (limit === undefined || limit < 1 || start === undefined || end === undefined)
      return [400, refusal("INVALID_ARGUMENT", "limit, start and end have to be whole numbers")];
    const id = canonicalProduct(product.toUpperCase(), settings.usdcProducts);
    const market = markets.symbol(id);
    if (market === undefined) return [404, refusal("NOT_FOUND", "there is no such product")];
    const orders = archive
      .orders(market)
      .filter(({ time }) => time >= start * 1_000 && time < end * 1_000);
    const newest = tradesOf(market, orders).slice(0, Math.min(limit, settings.limits.restTrades));
    const given = fault === "partial" ? newest.slice(newest.length >> 1) : newest;
    const isTaker = settings.wire.restSide === "taker";
    const trades = given.map((trade) => ({
      ...trade,
      side: isTaker ? (trade.side === "BUY" ? "SELL" : "BUY") : trade.side,
      exchange: "COINBASE",
    }));
    const best_bid = plain(market.price(market.bestBid));
    const best_ask = plain(market.price(market.bestAsk));
    return [200, { trades, best_bid, best_ask }];
  }
}

/** What the venue says of its clock. */
function timeAt(unixMs: number): object {
  const whole = Math.floor(unixMs);
  return {
    iso: new Date(whole).toISOString(),
    epochSeconds: String(Math.floor(whole / 1_000)),
    epochMillis: String(whole),
  };
}

function whole(text: string | null): number | undefined {
  return text !== null && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

function refusal(error: string, message: string): object {
  return { error, error_details: message, message };
}
