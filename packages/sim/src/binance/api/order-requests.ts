import type { Account } from "./account.js";
import { parseAmount } from "./amount.js";
import { API_ERRORS, type ApiError, invalid, missing, unread } from "./api-error.js";
import { orderStatus } from "./order.js";
import type { NewOrder } from "./sim-account.js";
import type { Params } from "./signature.js";

/** What a query for one order costs. */
export const ORDER_WEIGHT = 4;

/** What comes of a request about an order. */
export type OrderOutcome =
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "error"; readonly error: ApiError };

const SIGNED = ["apiKey", "timestamp", "recvWindow", "signature"];
const ORDER = [
  ...SIGNED,
  "symbol",
  "side",
  "type",
  "timeInForce",
  "quantity",
  "price",
  "newClientOrderId",
  "newOrderRespType",
];
const NAME = [...SIGNED, "symbol", "orderId", "origClientOrderId", "newClientOrderId"];
const CLIENT_ID = /^[.A-Z:/a-z0-9_-]{1,36}$/;

/** `order.test`: checks an order as `order.place` does, and places none. */
export function testOrder(account: Account, params: Params): OrderOutcome {
  const order = read(params);
  if ("error" in order) return order;
  const error = account.refusalOf(order);
  return error === undefined ? done({}) : refuse(error);
}

/** `order.place`, for limit orders. */
export function placeOrder(account: Account, params: Params): OrderOutcome {
  const order = read(params);
  if ("error" in order) return order;
  if (!account.admitsOrder()) return refuse(API_ERRORS.tooManyOrders);
  const error = account.refusalOf(order);
  if (error !== undefined) return refuse(error);
  const orderId = account.placeOrder(order);
  const placed = account.findOrder(order.symbol, { orderId });
  if (placed === undefined) return refuse(API_ERRORS.noSuchOrder);
  const { time: transactTime, updateTime: _, isWorking: __, ...status } = orderStatus(placed);
  const ack = {
    symbol: placed.symbol,
    orderId,
    orderListId: -1,
    clientOrderId: placed.clientId,
    transactTime,
  };
  if (params["newOrderRespType"] === "ACK") return done(ack);
  const whole = { ...ack, ...status };
  return done(params["newOrderRespType"] === "RESULT" ? whole : { ...whole, fills: [] });
}

/** `order.cancel`, by the venue's id or the client's. */
export function cancelOrder(account: Account, params: Params): OrderOutcome {
  const found = find(account, params);
  if ("error" in found) return found;
  const { newClientOrderId } = params;
  const { order } = found;
  if (order === undefined || !["NEW", "PARTIALLY_FILLED"].includes(order.status))
    return refuse(API_ERRORS.unknownOrder);
  const clientOrderId =
    typeof newClientOrderId === "string" ? newClientOrderId : `sim-cancel-${order.id}`;
  account.cancelOrder(order.id, clientOrderId);
  const now = account.findOrder(order.symbol, { orderId: order.id }) ?? order;
  return done({ ...orderStatus(now), origClientOrderId: order.clientId, clientOrderId });
}

/** `order.status` and `GET /api/v3/order`. */
export function orderOutcome(account: Account, params: Params): OrderOutcome {
  const found = find(account, params);
  if ("error" in found) return found;
  return found.order === undefined
    ? refuse(API_ERRORS.noSuchOrder)
    : done(orderStatus(found.order));
}

function read(params: Params): NewOrder | { kind: "error"; error: ApiError } {
  const sent = Object.keys(params);
  const known = sent.filter((name) => ORDER.includes(name));
  if (known.length < sent.length) return refuse(unread(known.length, sent.length));
  const { symbol, side, type, timeInForce, quantity, price, newClientOrderId } = params;
  if (typeof symbol !== "string" || symbol === "") return refuse(missing("symbol"));
  if (side !== "BUY" && side !== "SELL")
    return refuse(side === undefined ? missing("side") : API_ERRORS.badSide);
  if (type !== "LIMIT")
    return refuse(type === undefined ? missing("type") : API_ERRORS.badOrderType);
  if (timeInForce !== "GTC")
    return refuse(timeInForce === undefined ? missing("timeInForce") : API_ERRORS.badTimeInForce);
  if (!isAmount(quantity)) return refuse(missing("quantity"));
  if (!isAmount(price)) return refuse(missing("price"));
  const order: NewOrder = { symbol, side, price, quantity };
  if (newClientOrderId === undefined) return order;
  if (typeof newClientOrderId !== "string" || !CLIENT_ID.test(newClientOrderId))
    return refuse(invalid("newClientOrderId"));
  return { ...order, clientOrderId: newClientOrderId };
}

function find(
  account: Account,
  params: Params,
): { order: ReturnType<Account["findOrder"]> } | { kind: "error"; error: ApiError } {
  const sent = Object.keys(params);
  const known = sent.filter((name) => NAME.includes(name));
  if (known.length < sent.length) return refuse(unread(known.length, sent.length));
  const { symbol, orderId, origClientOrderId: clientId } = params;
  if (typeof symbol !== "string" || symbol === "") return refuse(missing("symbol"));
  if (orderId === undefined && typeof clientId !== "string")
    return refuse(missing("origClientOrderId"));
  return {
    order: account.findOrder(symbol, {
      orderId: orderId === undefined ? undefined : Number(orderId),
      clientId: typeof clientId === "string" ? clientId : undefined,
    }),
  };
}

/** A positive decimal text. */
function isAmount(value: unknown): value is string {
  return typeof value === "string" && (parseAmount(value) ?? 0n) > 0n;
}

function done(result: unknown): OrderOutcome {
  return { kind: "result", result };
}

function refuse(error: ApiError): { kind: "error"; error: ApiError } {
  return { kind: "error", error };
}
