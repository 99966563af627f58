import type { IncomingMessage, ServerResponse } from "node:http";
import type { VenueClock } from "../../clock.js";
import type { Fault } from "../../faults/fault.js";
import type { WaitingFaults } from "../../faults/waiting-faults.js";
import type { Account } from "../api/account.js";
import type { AccountBook } from "../api/account-book.js";
import { accountStatus } from "../api/account-status.js";
import { API_ERRORS, type ApiError, invalid, missing } from "../api/api-error.js";
import { authenticate } from "../api/authenticate.js";
import { ORDER_WEIGHT, orderOutcome } from "../api/order-requests.js";
import type { DepthSource } from "../depth-source.js";
import { type Firewall, FIREWALL_REFUSAL } from "../firewall.js";
import type { Market } from "../../market/market.js";
import { respondJson } from "../../wire/respond-json.js";
import type { TradeArchive } from "../trade-archive.js";
import { type Charge, depthWeight, openOrdersWeight, type WeightGate } from "../weight-gate.js";

/** What goes wrong with the next requests for old trades. */
export type OldTradesFaults = WaitingFaults<Extract<Fault, { kind: "old-trades" }>>;

/** What the REST endpoints work with. */
export interface RestParts {
  readonly clock: VenueClock;
  readonly accounts: AccountBook;
  readonly weights: WeightGate;
  readonly depth: DepthSource;
  readonly firewall: Firewall;
  readonly market: Market;
  readonly archive: TradeArchive;
  readonly oldTrades: OldTradesFaults;
  /** Ends the connections of an address that has just been banned. */
  disconnectBanned(address: string): void;
}

type Outcome =
  | { readonly kind: "result"; readonly result: unknown; readonly afterMs?: number | undefined }
  | { readonly kind: "error"; readonly error: ApiError };

/** An endpoint: what it costs, and what it answers. */
interface Endpoint {
  weight(query: URLSearchParams): number;
  perform(query: URLSearchParams, request: IncomingMessage, rawQuery: string): Outcome;
}

const DEFAULT_DEPTH = 100;
const MAX_DEPTH = 5_000;
const DEFAULT_TRADES = 500;
const MAX_TRADES = 1_000;
/** How long a slow answer takes when the fault does not say, in venue milliseconds. */
const SLOW_MS = 5_000;

/** The REST part of the venue: what an adapter needs to rebuild its state, and no more. */
export class RestApi {
  readonly #parts: RestParts;
  readonly #endpoints: ReadonlyMap<string, Endpoint>;

  constructor(parts: RestParts) {
    this.#parts = parts;
    this.#endpoints = new Map<string, Endpoint>([
      ["/api/v3/ping", { weight: () => 1, perform: () => done({}) }],
      [
        "/api/v3/time",
        { weight: () => 1, perform: () => done({ serverTime: parts.clock.wallNow() }) },
      ],
      [
        "/api/v3/depth",
        {
          weight: (query) => depthWeight(limitOf(query) ?? DEFAULT_DEPTH),
          perform: (query) => this.#depth(query),
        },
      ],
      ["/api/v3/aggTrades", this.#oldTrades("aggregates")],
      ["/api/v3/historicalTrades", this.#oldTrades("trades")],
      [
        "/api/v3/openOrders",
        {
          weight: (query) => openOrdersWeight(query.get("symbol") ?? undefined),
          perform: (query, request, raw) =>
            this.#signed(request, query, raw, (account) =>
              account.openOrders(query.get("symbol") ?? undefined),
            ),
        },
      ],
      [
        "/api/v3/order",
        {
          weight: () => ORDER_WEIGHT,
          perform: (query, request, raw) =>
            this.#answered(request, query, raw, (account) =>
              orderOutcome(account, Object.fromEntries(query)),
            ),
        },
      ],
      [
        "/api/v3/account",
        {
          weight: () => 20,
          perform: (query, request, raw) =>
            this.#signed(request, query, raw, (account) =>
              accountStatus(account, parts.clock.wallNow()),
            ),
        },
      ],
    ]);
  }

  /** Answers a request. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    if (this.#parts.firewall.blocks) {
      const { status, headers, body } = FIREWALL_REFUSAL;
      response.writeHead(status, headers).end(body);
      return;
    }
    const [path = "", rawQuery = ""] = (request.url ?? "/").split("?", 2);
    const address = request.socket.remoteAddress ?? "unknown";
    if (path === "/api/v3/userDataStream") {
      // B-30: listen keys are gone.
      respond(response, 410, { code: -1016, msg: "This service is no longer available." });
      return;
    }
    const endpoint = request.method === "GET" ? this.#endpoints.get(path) : undefined;
    if (endpoint === undefined) {
      respond(response, 404, { code: -1020, msg: "This operation is not supported." });
      return;
    }
    const query = new URLSearchParams(rawQuery);
    const charge = this.#parts.weights.charge(address, endpoint.weight(query));
    response.setHeader("x-mbx-used-weight-1m", String(charge.used));
    if (charge.error !== undefined) {
      const { status, code, msg } = charge.error;
      respond(response, status, { code, msg }, charge.headers);
      if (charge.bansNow) this.#parts.disconnectBanned(address);
      return;
    }
    const outcome = endpoint.perform(query, request, rawQuery);
    const answer = (): void => {
      if (outcome.kind === "result") respond(response, 200, outcome.result);
      else
        respond(response, outcome.error.status, {
          code: outcome.error.code,
          msg: outcome.error.msg,
        });
    };
    if (outcome.kind === "error" || outcome.afterMs === undefined) answer();
    else this.#parts.clock.after(outcome.afterMs, answer);
  }

  /** An endpoint for trades of the past (B-49). */
  #oldTrades(what: "aggregates" | "trades"): Endpoint {
    const { market: markets, archive, oldTrades } = this.#parts;
    return {
      weight: () => (what === "aggregates" ? 4 : 25),
      perform: (query, request) => {
        const fault = oldTrades.take();
        if (fault?.answer === "refuse") return refuse(API_ERRORS.unknown);
        const symbol = query.get("symbol");
        if (symbol === null || symbol === "") return refuse(missing("symbol"));
        const limit = limitOf(query, DEFAULT_TRADES);
        if (limit === undefined) return refuse(invalid("limit"));
        const fromText = query.get("fromId");
        if (fromText !== null && !/^\d{1,15}$/.test(fromText)) return refuse(invalid("fromId"));
        const market = markets.symbol(symbol);
        if (market === undefined) return refuse(API_ERRORS.badSymbol);
        const unit = request.headers["x-mbx-time-unit"] === "MICROSECOND" ? "us" : "ms";
        const fromId = fromText === null ? undefined : Number(fromText);
        const rows = archive[what](market, Math.min(limit, MAX_TRADES), fromId, unit);
        const half = fault?.answer === "partial";
        return {
          kind: "result",
          result: half ? rows.slice(0, Math.floor(rows.length / 2)) : rows,
          afterMs: fault?.answer === "slow" ? (fault.forMs ?? SLOW_MS) : undefined,
        };
      },
    };
  }

  #depth(query: URLSearchParams): Outcome {
    const symbol = query.get("symbol");
    if (symbol === null || symbol === "") return refuse(missing("symbol"));
    const limit = limitOf(query);
    if (limit === undefined) return refuse(invalid("limit"));
    const snapshot = this.#parts.depth.snapshot(symbol, Math.min(limit, MAX_DEPTH));
    return snapshot === undefined ? refuse(API_ERRORS.badSymbol) : done(snapshot);
  }

  #signed(
    request: IncomingMessage,
    query: URLSearchParams,
    rawQuery: string,
    answer: (account: Account) => unknown,
  ): Outcome {
    return this.#answered(request, query, rawQuery, (account) => done(answer(account)));
  }

  #answered(
    request: IncomingMessage,
    query: URLSearchParams,
    rawQuery: string,
    answer: (account: Account) => Outcome,
  ): Outcome {
    const params: Record<string, unknown> = Object.fromEntries(query);
    const apiKey = request.headers["x-mbx-apikey"];
    if (apiKey !== undefined) params["apiKey"] = apiKey;
    else return refuse(API_ERRORS.badKeyFormat);
    // REST signs the query as it is sent, percent-encoding and order included.
    const text = rawQuery
      .split("&")
      .filter((pair) => !pair.startsWith("signature="))
      .join("&");
    const who = authenticate(this.#parts.accounts, this.#parts.clock, params, text);
    return who.kind === "error" ? who : answer(who.account);
  }
}

/** The `limit` of a request; `undefined` if it makes no sense. */
function limitOf(query: URLSearchParams, byDefault = DEFAULT_DEPTH): number | undefined {
  const text = query.get("limit");
  if (text === null) return byDefault;
  return /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}

function respond(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Charge["headers"] = {},
): void {
  const type = { "Content-Type": "application/json;charset=UTF-8" };
  respondJson(response, status, body, { ...type, ...headers });
}

function done(result: unknown): Outcome {
  return { kind: "result", result };
}

function refuse(error: ApiError): Outcome {
  return { kind: "error", error };
}
