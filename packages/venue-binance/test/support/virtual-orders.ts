import type { FetchAnswer, StrictFetch } from "@oath-ws/venue-kit";
import type { MockPeer } from "@oath-ws/testing";
import { VirtualVenue } from "./virtual-venue.js";

/** What happens to one request that places an order; milliseconds. */
export type Trouble =
  | { readonly kind: "none" }
  | { readonly kind: "answerLost" | "requestLost" | "resetAfter" | "resetBefore" }
  | { readonly kind: "answerLate" | "requestLate" | "slow"; readonly ms: number }
  | { readonly kind: "refused" | "doneYetFailed"; readonly code: number; readonly status: number };

type Params = Readonly<Record<string, string | number>>;

interface Placed {
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly status: string;
}

/**
 * A virtual venue that keeps orders, over the WebSocket API and REST, and its own record of them.
 */
export class VirtualOrders {
  readonly venue: VirtualVenue;
  /** Orders that the venue has, by the client's id. */
  readonly record = new Map<string, Placed>();
  /** Client ids of the requests that reached the venue, each time. */
  readonly received: string[] = [];
  /** What happens to the next order. */
  trouble: () => Trouble = () => ({ kind: "none" });
  /** The venue's clock against ours. */
  skewMs = 0;
  /** Whether questions over the connection, and by REST, are answered. */
  answersQuestions = true;
  isRestUp = true;
  /** Whether the account's stream brings events. */
  publishes = true;
  readonly #listeners = new Set<MockPeer>();

  constructor(seed: number) {
    this.venue = new VirtualVenue(seed);
    this.venue.answer = (request, peer) =>
      this.#answer(request.method, (request.params ?? {}) as Params, request.id, peer);
    this.venue.rest = this.#rest;
  }

  get #now(): number {
    return this.venue.world.timer.wallNow() + this.skewMs;
  }

  #answer(method: string, params: Params, id: number, peer: MockPeer): object | undefined {
    switch (method) {
      case "time":
        return this.answersQuestions ? done({ serverTime: this.#now }) : undefined;
      case "userDataStream.subscribe.signature":
        this.#listeners.add(peer);
        return done({ subscriptionId: 0 });
      case "order.place":
        return this.#received(params, id, peer);
      case "order.status":
        return this.answersQuestions ? this.#status(params) : undefined;
      default:
        return done({});
    }
  }

  #received(params: Params, id: number, peer: MockPeer): object | undefined {
    this.received.push(String(params["newClientOrderId"]));
    const { timer } = this.venue.world;
    const trouble = this.trouble();
    const later = (ms: number, run: () => object | undefined): undefined => {
      timer.scheduleArrival(ms, () => {
        const answer = run();
        if (answer !== undefined && peer.isOpen) peer.text(JSON.stringify({ id, ...answer }));
      });
    };
    switch (trouble.kind) {
      case "none":
        return this.#place(params);
      case "answerLost":
        this.#place(params);
        return undefined;
      case "requestLost":
        return undefined;
      case "resetAfter":
        this.#place(params);
        peer.reset();
        return undefined;
      case "resetBefore":
        peer.reset();
        return undefined;
      case "answerLate": {
        const answer = this.#place(params);
        return later(trouble.ms, () => answer);
      }
      case "requestLate":
        return later(trouble.ms, () => this.#place(params));
      case "slow":
        return later(trouble.ms, () => {
          this.#place(params);
          return undefined;
        });
      case "refused":
        return failed(trouble.code, trouble.status);
      case "doneYetFailed":
        this.#place(params);
        return failed(trouble.code, trouble.status);
      default:
        return trouble satisfies never;
    }
  }

  #place(params: Params): object {
    const { timestamp, recvWindow = 5_000, symbol, newClientOrderId } = params;
    const age = this.#now - Number(timestamp);
    if (age < -1_000 || age > Number(recvWindow)) return failed(-1021, 400);
    const clientOrderId = String(newClientOrderId);
    if (this.record.has(clientOrderId)) return failed(-2010, 400);
    const orderId = this.record.size + 1;
    const order = { orderId, clientOrderId, symbol: String(symbol), status: "NEW" };
    this.record.set(clientOrderId, order);
    const event = { e: "executionReport", c: clientOrderId, C: "", X: "NEW", x: "NEW", i: orderId };
    for (const peer of this.#listeners) {
      if (this.publishes && peer.isOpen)
        peer.text(JSON.stringify({ subscriptionId: 0, event: { ...event, r: "NONE" } }));
    }
    return done(order);
  }

  #status({ origClientOrderId }: Params): object {
    const order = this.record.get(String(origClientOrderId));
    return order === undefined ? failed(-2013, 400) : done(order);
  }

  readonly #rest: StrictFetch = (url) => {
    if (!this.isRestUp) return Promise.reject(new TypeError("no REST now"));
    const { pathname, searchParams } = new URL(url);
    if (pathname === "/api/v3/time") return answered({ serverTime: this.#now });
    if (pathname === "/api/v3/openOrders") return answered([...this.record.values()]);
    if (pathname === "/api/v3/account") return answered({ balances: [] });
    const order = this.record.get(searchParams.get("origClientOrderId") ?? "");
    return order === undefined
      ? answered({ code: -2013, msg: "Order does not exist." }, 400)
      : answered(order);
  };
}

function answered(body: unknown, status = 200): Promise<FetchAnswer> {
  return Promise.resolve({ status, headers: {}, cookies: [], body: JSON.stringify(body) });
}

function done(result: object): object {
  return { status: 200, result };
}

function failed(code: number, status: number): object {
  return { status, error: { code, msg: "no" } };
}
