import type { Fill, Order, OrderEvent, OrderStatus, Side } from "@oath-ws/venue-kit";
import type { UserDataUpdate } from "../binance-user-data.js";
import type { OpenOrder } from "../user-data/account-snapshot.js";
import type { ExecutionReport } from "../user-data/user-data-events.js";
import { BINANCE } from "./trade-model.js";

const STATUSES: Readonly<Record<string, OrderStatus>> = {
  PENDING_NEW: "pending",
  NEW: "open",
  PARTIALLY_FILLED: "open",
  PENDING_CANCEL: "open",
  FILLED: "filled",
  CANCELED: "cancelled",
  REJECTED: "rejected",
  EXPIRED: "expired",
  EXPIRED_IN_MATCH: "expired",
};

/**
 * What an update of the account tells of its orders. Balances and order lists are not told here. A
 * cancelled order keeps its own client id: the venue's `c` is then that of the cancellation, and
 * `C` the order's.
 */
export function orderEventsOf(
  update: UserDataUpdate,
  emit: (event: OrderEvent<ExecutionReport>) => void,
): void {
  if (update.kind === "snapshot") {
    const orders = update.account.openOrders.map(openOrder);
    emit({ kind: "snapshot", venue: BINANCE, orders, reason: update.reason });
    return;
  }
  const { event } = update;
  if (event.e !== "executionReport") return;
  emit({ kind: "order", venue: BINANCE, order: reportedOrder(event), fill: fillOf(event) });
}

function reportedOrder(report: ExecutionReport): Order<ExecutionReport> {
  const { s, i, c, C, S, o, f, x, X, p, q, z, T } = report;
  return {
    venue: BINANCE,
    symbol: s,
    timeMs: T,
    timeUs: undefined,
    raw: report,
    orderId: String(i),
    clientOrderId: x === "CANCELED" && C !== "" ? C : c,
    side: sideOf(S),
    type: o,
    timeInForce: f,
    status: statusOf(X),
    venueStatus: X,
    price: p,
    quantity: q,
    filledQuantity: z,
    remainingQuantity: undefined,
    averagePrice: undefined,
  };
}

function fillOf({ x, t, L, l, m, n, N }: ExecutionReport): Fill | undefined {
  if (x !== "TRADE") return undefined;
  return {
    tradeId: String(t),
    price: L,
    quantity: l,
    liquidity: m ? "maker" : "taker",
    fee: n,
    feeAsset: N ?? undefined,
  };
}

function openOrder(order: OpenOrder): Order<OpenOrder> {
  const { symbol, orderId, clientOrderId, side, type, status, price, origQty, executedQty } = order;
  return {
    venue: BINANCE,
    symbol,
    timeMs: order.updateTime,
    timeUs: undefined,
    raw: order,
    orderId: String(orderId),
    clientOrderId,
    side: sideOf(side),
    type,
    timeInForce: undefined,
    status: statusOf(status),
    venueStatus: status,
    price,
    quantity: origQty,
    filledQuantity: executedQty,
    remainingQuantity: undefined,
    averagePrice: undefined,
  };
}

function statusOf(text: string): OrderStatus {
  return Object.hasOwn(STATUSES, text) ? (STATUSES[text] ?? "unknown") : "unknown";
}

function sideOf(side: "BUY" | "SELL"): Side {
  return side === "BUY" ? "buy" : "sell";
}
