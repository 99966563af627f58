import { exactText } from "@oath-ws/venue-kit";
import type { Order as MarketOrder, OrderEvent, OrderStatus } from "@oath-ws/venue-kit";
import type { OrderUpdate } from "../orders/order-stream.js";
import type { Order } from "./payloads.js";
import { IBKR, sideOf } from "./trade-model.js";

/** `Inactive` is where an order begins (recorded), and where one stays that may not work. */
const STATUSES: Readonly<Record<string, OrderStatus>> = {
  Inactive: "pending",
  PendingSubmit: "pending",
  ApiPending: "pending",
  PreSubmitted: "open",
  Submitted: "open",
  PendingCancel: "open",
  Filled: "filled",
  Cancelled: "cancelled",
  ApiCancelled: "cancelled",
};

/** What an update tells of the account's orders. The venue tells fills by the topic `str` only. */
export function orderEventsOf(update: OrderUpdate, emit: (event: OrderEvent<Order>) => void): void {
  const orders = update.orders.map(orderOf);
  if (update.kind === "snapshot")
    emit({ kind: "snapshot", venue: IBKR, orders, reason: update.reason });
  else for (const order of orders) emit({ kind: "order", venue: IBKR, order, fill: undefined });
}

function orderOf(order: Order): MarketOrder<Order> {
  const { orderId, conid, conidex, side, orderType, status } = order;
  const reference = order["order_ref"];
  const timeInForce = order["timeInForce"];
  return {
    venue: IBKR,
    symbol: conid === undefined ? (conidex ?? "") : String(conid),
    timeMs: undefined,
    timeUs: undefined,
    raw: order,
    orderId: String(orderId),
    clientOrderId: typeof reference === "string" ? reference : undefined,
    side: sideOf(side),
    type: orderType,
    timeInForce: typeof timeInForce === "string" ? timeInForce : undefined,
    status: statusOf(status),
    venueStatus: status,
    price: exactText(order.price),
    quantity: exactText(order.totalSize),
    filledQuantity: exactText(order.filledQuantity),
    remainingQuantity: exactText(order.remainingQuantity),
    averagePrice: exactText(order.avgPrice),
  };
}

function statusOf(text: string | undefined): OrderStatus {
  return text !== undefined && Object.hasOwn(STATUSES, text)
    ? (STATUSES[text] ?? "unknown")
    : "unknown";
}
