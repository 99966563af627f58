import type { VenueClock } from "../../clock.js";
import { encodeText } from "../../wire/encoded-text.js";
import type { DepthSource } from "../depth-source.js";
import type { OrderTrouble, OrderTroubles } from "../../faults/order-troubles.js";
import type { Journal } from "../journal.js";
import type { Peer, Session } from "../peer.js";
import type { SentLog } from "../../record.js";
import type { RequestError, RequestFaults } from "../request-faults.js";
import type { BinanceSettings } from "../resolve-options.js";
import { type Charge, depthWeight, openOrdersWeight, type WeightGate } from "../weight-gate.js";
import type { Account } from "./account.js";
import { type AccountBook, accountStream } from "./account-book.js";
import { accountStatus } from "./account-status.js";
import { API_ERRORS, type ApiError, invalid, missing, unknownMethod, unread } from "./api-error.js";
import { type ApiRequestId, parseApiRequest } from "./api-request.js";
import { authenticate } from "./authenticate.js";
import {
  cancelOrder,
  ORDER_WEIGHT,
  orderOutcome,
  placeOrder,
  testOrder,
} from "./order-requests.js";
import { type Params, signedText } from "./signature.js";
import { UserDataSubscriptions } from "./user-data-subscriptions.js";

/** What a WebSocket API connection works with. */
export interface ApiParts {
  readonly settings: BinanceSettings;
  readonly clock: VenueClock;
  readonly journal: Journal;
  readonly log: SentLog;
  readonly accounts: AccountBook;
  readonly weights: WeightGate;
  readonly depth: DepthSource;
  readonly requests: RequestFaults;
  readonly orders: OrderTroubles;
  /** Ends the connections of an address that has just been banned. */
  disconnectBanned(address: string): void;
}

/**
 * What comes of a request. `terminated` are subscriptions that it ended: the client is told, after
 * the answer.
 */
type Outcome =
  | { readonly kind: "result"; readonly result: unknown; readonly terminated?: readonly number[] }
  | { readonly kind: "error"; readonly error: ApiError };

/** What a request costs. */
type Weigh = (params: Params) => number;

/** Methods and what they cost. */
const WEIGHTS: ReadonlyMap<string, Weigh> = new Map<string, Weigh>([
  ["ping", () => 1],
  ["time", () => 1],
  ["depth", ({ limit }) => depthWeight(Number(limit ?? 100))],
  ["session.logon", () => 2],
  ["session.status", () => 2],
  ["session.logout", () => 2],
  ["session.subscriptions", () => 2],
  ["userDataStream.subscribe", () => 2],
  ["userDataStream.subscribe.signature", () => 2],
  ["userDataStream.unsubscribe", () => 2],
  ["account.status", () => 20],
  ["openOrders.status", ({ symbol }) => openOrdersWeight(textOf(symbol))],
  ["order.test", () => 1],
  ["order.place", () => 1],
  ["order.cancel", () => 1],
  ["order.status", () => ORDER_WEIGHT],
]);

/**
 * A connection to the WebSocket API (B-32): who is logged on, what is subscribed, and the
 * answers.
 */
export class ApiSession implements Session {
  readonly #peer: Peer;
  readonly #parts: ApiParts;
  readonly #showsRateLimits: boolean;
  readonly #userData: UserDataSubscriptions;
  #logon: { readonly account: Account; readonly since: number } | undefined;

  constructor(peer: Peer, url: URL, parts: ApiParts) {
    this.#peer = peer;
    this.#parts = parts;
    this.#showsRateLimits = url.searchParams.get("returnRateLimits") !== "false";
    const { activeSubscriptions, lifetimeSubscriptions } = parts.settings.limits;
    this.#userData = new UserDataSubscriptions(
      activeSubscriptions,
      lifetimeSubscriptions,
      parts.accounts,
      {
        deliver: (id, account, entry) => {
          const ids = { first: entry.index, last: entry.index };
          this.#event({ subscriptionId: id, event: entry.event }, () =>
            parts.log.sent(peer.id, accountStream(account), ids),
          );
        },
      },
    );
  }

  get subscriptions(): readonly string[] {
    return this.#userData.ids.map(String);
  }

  message(text: string): void {
    const parsed = parseApiRequest(text);
    if (parsed.kind === "error") {
      this.#answer(parsed.id, { kind: "error", error: parsed.error }, this.#charge(1));
      return;
    }
    const { id, method, params } = parsed.request;
    const weigh = WEIGHTS.get(method);
    const charge = this.#charge(weigh?.(params) ?? 1);
    if (charge.error !== undefined) {
      this.#answer(id, { kind: "error", error: charge.error }, charge);
      if (charge.bansNow) this.#parts.disconnectBanned(this.#peer.address);
      return;
    }
    const fault = this.#parts.requests.nextError("ws-api");
    if (fault !== undefined) {
      this.#answer(id, { kind: "error", error: this.#faultError(fault) }, charge);
      return;
    }
    if (this.#logon?.account.revoked === true) {
      // B-37: the answer to whatever was asked names no request, and the session is logged off.
      const { account } = this.#logon;
      this.#logon = undefined;
      this.#answer(null, { kind: "error", error: API_ERRORS.badKey }, charge);
      this.#terminated(this.#userData.closeFor(account, "logon"));
      return;
    }
    const trouble = method === "order.place" ? this.#parts.orders.next() : undefined;
    if (trouble !== undefined) {
      this.#placeWithTrouble(trouble, id, params, charge);
      return;
    }
    const outcome = this.#perform(method, params);
    this.#answer(id, outcome, charge);
    if (outcome.kind !== "result") return;
    this.#terminated(outcome.terminated ?? []);
    const isSubscribed = method.startsWith("userDataStream.subscribe");
    if (isSubscribed && this.#parts.requests.nextTermination()) this.terminateUserData();
  }

  announceShutdown(): void {
    this.#event({ event: { e: "serverShutdown", E: this.#parts.clock.wallNow() } }, () => {});
  }

  terminateUserData(): void {
    this.#terminated(this.#userData.closeAll());
  }

  ended(): void {
    this.#userData.closeAll();
  }

  /** An order whose request or answer does not go the usual way; what is late outlives the peer. */
  #placeWithTrouble(
    { trouble, delayMs }: OrderTrouble,
    id: ApiRequestId,
    params: Params,
    charge: Charge,
  ): void {
    const { clock } = this.#parts;
    const place = (): Outcome => this.#perform("order.place", params);
    switch (trouble) {
      case "answer-lost":
        place();
        break;
      case "request-lost":
        break;
      case "reset-after":
        place();
        this.#peer.link.reset();
        break;
      case "reset-before":
        this.#peer.link.reset();
        break;
      case "answer-late": {
        const outcome = place();
        clock.after(delayMs, () => this.#answer(id, outcome, charge));
        break;
      }
      case "request-late":
        clock.after(delayMs, () => this.#answer(id, place(), charge));
        break;
      case "slow":
        // The time is judged again when it is placed, as the venue does.
        clock.after(delayMs, place);
        break;
      default:
        trouble satisfies never;
    }
  }

  #perform(method: string, params: Params): Outcome {
    const { clock } = this.#parts;
    switch (method) {
      case "ping":
        return done({});
      case "time":
        return done({ serverTime: clock.wallNow() });
      case "depth":
        return this.#depth(params);
      case "session.logon":
        return this.#logOn(params);
      case "session.status":
        return done(this.#status());
      case "session.logout":
        return this.#logOut();
      case "session.subscriptions":
        return done(this.#userData.ids.map((subscriptionId) => ({ subscriptionId })));
      case "userDataStream.subscribe": {
        const sent = Object.keys(params).length;
        if (sent > 0) return refuse(unread(0, sent));
        if (this.#logon === undefined) return refuse(API_ERRORS.notLoggedOn);
        return this.#subscribe(this.#logon.account, "logon");
      }
      case "userDataStream.subscribe.signature": {
        const who = authenticate(this.#parts.accounts, clock, params, signedText(params));
        return who.kind === "error" ? who : this.#subscribe(who.account, "signature");
      }
      case "userDataStream.unsubscribe":
        return this.#unsubscribe(params);
      case "account.status": {
        const who = this.#signed(params);
        return who.kind === "error" ? who : done(accountStatus(who.account, clock.wallNow()));
      }
      case "openOrders.status": {
        const who = this.#signed(params);
        if (who.kind === "error") return who;
        return done(who.account.openOrders(textOf(params["symbol"])));
      }
      case "order.test":
        return this.#ordered(params, testOrder);
      case "order.place":
        return this.#ordered(params, placeOrder);
      case "order.cancel":
        return this.#ordered(params, cancelOrder);
      case "order.status":
        return this.#ordered(params, orderOutcome);
      default:
        return refuse(unknownMethod(method));
    }
  }

  #ordered(params: Params, act: (account: Account, params: Params) => Outcome): Outcome {
    const who = this.#signed(params);
    return who.kind === "error" ? who : act(who.account, params);
  }

  #signed(params: Params): ReturnType<typeof authenticate> {
    return authenticate(
      this.#parts.accounts,
      this.#parts.clock,
      params,
      signedText(params),
      this.#logon?.account,
    );
  }

  #depth(params: Params): Outcome {
    const { symbol, limit = 100 } = params;
    if (typeof symbol !== "string") return refuse(missing("symbol"));
    if (!Number.isSafeInteger(limit) || Number(limit) < 1) return refuse(invalid("limit"));
    const snapshot = this.#parts.depth.snapshot(symbol, Math.min(Number(limit), 5_000));
    return snapshot === undefined ? refuse(API_ERRORS.badSymbol) : done(snapshot);
  }

  #logOn(params: Params): Outcome {
    const { accounts, clock } = this.#parts;
    const who = authenticate(accounts, clock, params, signedText(params));
    // B-33: a key that is not Ed25519 cannot log on, whatever it signed.
    const named =
      typeof params["apiKey"] === "string" ? accounts.find(params["apiKey"]) : undefined;
    if (named !== undefined && named.settings.publicKey === undefined)
      return refuse(API_ERRORS.hmacLogon);
    if (who.kind === "error") return who;
    this.#logon = { account: who.account, since: clock.wallNow() };
    return done(this.#status());
  }

  #logOut(): Outcome {
    const account = this.#logon?.account;
    this.#logon = undefined;
    const terminated = account === undefined ? [] : this.#userData.closeFor(account, "logon");
    return { kind: "result", result: this.#status(), terminated };
  }

  #status(): object {
    return {
      apiKey: this.#logon?.account.apiKey ?? null,
      authorizedSince: this.#logon?.since ?? null,
      connectedSince: this.#peer.since,
      returnRateLimits: this.#showsRateLimits,
      serverTime: this.#parts.clock.wallNow(),
      userDataStream: this.#userData.ids.length > 0,
    };
  }

  #subscribe(account: Account, via: "logon" | "signature"): Outcome {
    const opened = this.#userData.open(account, via);
    this.#parts.journal.changed();
    if (opened.kind === "error") return opened;
    return done({ subscriptionId: opened.id });
  }

  #unsubscribe(params: Params): Outcome {
    const { subscriptionId } = params;
    if (subscriptionId === undefined) {
      const terminated = this.#userData.closeAll();
      return { kind: "result", result: {}, terminated };
    }
    if (typeof subscriptionId !== "number" || !this.#userData.close(subscriptionId)) {
      return refuse(invalid("subscriptionId"));
    }
    return { kind: "result", result: {}, terminated: [subscriptionId] };
  }

  #faultError({ code, msg, status, retryAfterMs }: RequestError): ApiError {
    const { clock } = this.#parts;
    if (retryAfterMs === undefined) return { status, code, msg };
    const serverTime = clock.wallNow();
    const retryAfter = Math.ceil(serverTime + clock.toReal(retryAfterMs));
    return { status, code, msg, data: { serverTime, retryAfter } };
  }

  /** Tells the client that subscriptions are over. */
  #terminated(ids: readonly number[]): void {
    if (ids.length === 0) return;
    for (const subscriptionId of ids) {
      const event = { e: "eventStreamTerminated", E: this.#parts.clock.wallNow() };
      this.#event({ subscriptionId, event }, () => {});
    }
    this.#parts.journal.changed();
  }

  #charge(weight: number): Charge {
    return this.#parts.weights.charge(this.#peer.address, weight);
  }

  #event(message: object, sent: () => void): void {
    this.#peer.event(encodeText(JSON.stringify(message)), sent);
  }

  #answer(id: ApiRequestId, outcome: Outcome, charge: Charge): void {
    const { requestWeight } = this.#parts.settings.limits;
    const rateLimits = [
      {
        rateLimitType: "REQUEST_WEIGHT",
        interval: "MINUTE",
        intervalNum: 1,
        limit: requestWeight,
        count: charge.used,
      },
    ];
    const extra = this.#showsRateLimits ? { rateLimits } : {};
    if (outcome.kind === "result") {
      this.#peer.reply({ id, status: 200, result: outcome.result, ...extra });
      return;
    }
    this.#parts.journal.count("badRequests");
    const { status, ...error } = outcome.error;
    this.#peer.reply({ id, status, error, ...extra });
  }
}

/** An optional text parameter; anything else counts as absent. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function done(result: unknown): Outcome {
  return { kind: "result", result };
}

function refuse(error: ApiError): Outcome {
  return { kind: "error", error };
}
