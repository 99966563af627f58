import type { VenueClock } from "../../clock.js";
import type { OrderTroubles } from "../../faults/order-troubles.js";
import { SimOptionError } from "../../option-error.js";
import type { SimIbkrAccount } from "../account/account.js";
import type { IbkrNewOrder } from "../account/account.js";
import type { IbkrSettings } from "../resolve-options.js";
import type { GatewaySession } from "../session/gateway-session.js";

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What comes of a request: an answer now, one later, none, or a reset of the connection. */
export type Reply =
  | Answer
  | { readonly afterMs: number; readonly answer: () => Answer }
  | { readonly lost: true }
  | { readonly reset: true };

/** What the routes of orders work with. */
export interface OrderRouteParts {
  readonly settings: IbkrSettings;
  readonly clock: VenueClock;
  readonly session: GatewaySession;
  readonly account: SimIbkrAccount;
  readonly troubles: OrderTroubles;
}

interface Question {
  readonly order: IbkrNewOrder;
  /** Questions that are still to be asked after this one. */
  readonly left: number;
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const refused = (error: string): Answer => ({ status: 400, body: { error, statusCode: 400 } });

/**
 * Orders over REST: place, with the questions that the venue asks before it takes an order, modify,
 * cancel, and the status of one. The accounts have to be asked for first in each session.
 */
export class OrderRoutes {
  readonly #parts: OrderRouteParts;
  readonly #questions: Map<string, Question> = new Map();
  #accountsAskedIn: string | undefined;
  #nextQuestion = 1;

  constructor(parts: OrderRouteParts) {
    this.#parts = parts;
  }

  /** `/iserver/accounts` was asked for. */
  accountsAsked(): void {
    this.#accountsAskedIn = this.#parts.session.id;
  }

  /** The answer to a request about orders; `undefined` for any other. */
  answer(method: string, path: string, body: unknown): Reply | undefined {
    const { session, account } = this.#parts;
    const [, order] = /^\/iserver\/account\/order\/status\/(\d+)$/.exec(path) ?? [];
    const [, question] = /^\/iserver\/reply\/([\w-]+)$/.exec(path) ?? [];
    const [, owner, orderId] = /^\/iserver\/account\/(\w+)\/order(?:s|\/(\d+))$/.exec(path) ?? [];
    const isKnown = order !== undefined || question !== undefined || owner !== undefined;
    if (!isKnown) return undefined;
    if (session.state !== "brokerage") return { status: 401, body: { error: "not authenticated" } };
    if (this.#accountsAskedIn !== session.id) return refused("Please query /accounts first");
    if (order !== undefined && method === "GET") return this.#status(Number(order));
    if (question !== undefined && method === "POST") return this.#replied(question, body);
    if (owner === undefined || owner !== account.id) return refused("accountId not found");
    if (orderId === undefined) return method === "POST" ? this.#placed(body) : undefined;
    if (method === "POST") return this.#act(() => this.#modify(Number(orderId), body));
    return method === "DELETE" ? this.#act(() => this.#cancel(Number(orderId))) : undefined;
  }

  #placed(body: unknown): Reply {
    const order = readOrder(body);
    if (order === undefined) return refused("unsupported or invalid order");
    const { ref } = order;
    const isTaken = this.#parts.account.orders.some(({ order_ref }) => order_ref === ref);
    if (ref !== undefined && isTaken)
      return refused(`Local order ID=${ref} is already registered.`);
    return this.#next({ order, left: this.#parts.settings.wire.orderQuestions });
  }

  #replied(id: string, body: unknown): Reply {
    const question = this.#questions.get(id);
    if (question === undefined) return refused("reply id is not known");
    this.#questions.delete(id);
    const isConfirmed =
      typeof body === "object" && body !== null && "confirmed" in body && body.confirmed === true;
    return isConfirmed ? this.#next(question) : refused("order was not confirmed");
  }

  /** The next question, or the order itself. */
  #next({ order, left }: Question): Reply {
    if (left === 0) return this.#place(order);
    const id = `q-${this.#nextQuestion++}`;
    this.#questions.set(id, { order, left: left - 1 });
    const message = ["The order's value exceeds the precautionary setting. Submit it?"];
    return ok([{ id, message, isSuppressed: false, messageIds: ["o163"] }]);
  }

  #place(order: IbkrNewOrder): Reply {
    const { clock, troubles } = this.#parts;
    const { trouble, delayMs = 0 } = troubles.next() ?? {};
    const place = (): Answer => this.#act(() => this.#accept(order));
    switch (trouble) {
      case undefined:
        return place();
      case "answer-lost":
        place();
        return { lost: true };
      case "request-lost":
        return { lost: true };
      case "reset-after":
        place();
        return { reset: true };
      case "reset-before":
        return { reset: true };
      case "answer-late": {
        const answer = place();
        return { afterMs: delayMs, answer: () => answer };
      }
      case "request-late":
        // It is carried out also when the client has gone away meanwhile.
        return { afterMs: delayMs, answer: place };
      case "slow":
        clock.after(delayMs, place);
        return { lost: true };
      default:
        return trouble satisfies never;
    }
  }

  #accept(order: IbkrNewOrder): Answer {
    const { orderId, status } = this.#parts.account.placeOrder(order);
    return ok([{ order_id: String(orderId), order_status: status, encrypt_message: "1" }]);
  }

  #modify(orderId: number, body: unknown): Answer {
    const change = typeof body === "object" && body !== null ? body : {};
    const price = "price" in change ? Number(change.price) : undefined;
    const quantity = "quantity" in change ? Number(change.quantity) : undefined;
    const { status } = this.#parts.account.changeOrder(orderId, { price, quantity });
    return ok([{ order_id: String(orderId), order_status: status, encrypt_message: "1" }]);
  }

  #cancel(orderId: number): Answer {
    const { account } = this.#parts;
    const { conid } = account.cancelOrder(orderId);
    return ok({ msg: "Request was submitted", order_id: orderId, conid, account: account.id });
  }

  #status(orderId: number): Answer {
    const order = this.#parts.account.orders.find((one) => one.orderId === orderId);
    if (order === undefined) return { status: 404, body: { error: "order is not known" } };
    return ok({
      order_id: orderId,
      conid: order.conid,
      symbol: order.ticker,
      side: order.side === "BUY" ? "B" : "S",
      order_status: order.status,
      size_and_fills: order.sizeAndFills,
      order_description: order.orderDesc,
      account: order.acct,
      limit_price: order.price,
    });
  }

  /** What the account does not take is an error of the request. */
  #act(run: () => Answer): Answer {
    try {
      return run();
    } catch (error) {
      if (error instanceof SimOptionError) return refused(error.message);
      throw error;
    }
  }
}

/** The one order of a request; limit orders only. */
function readOrder(body: unknown): IbkrNewOrder | undefined {
  const orders = typeof body === "object" && body !== null && "orders" in body ? body.orders : [];
  const [order, ...more] = Array.isArray(orders) ? (orders as unknown[]) : [];
  if (typeof order !== "object" || order === null || more.length > 0) return undefined;
  const { conid, side, quantity, price, orderType, tif, cOID } = order as Record<string, unknown>;
  if (orderType !== "LMT" || tif !== "DAY" || (side !== "BUY" && side !== "SELL")) return undefined;
  const numbers = { conid: Number(conid), quantity: Number(quantity), price: Number(price) };
  return { ...numbers, side, ...(typeof cOID === "string" ? { ref: cOID } : {}) };
}
