import { notional, printAmount } from "./amount.js";

type OrderSide = "BUY" | "SELL";
export type OrderStatus = "NEW" | "PARTIALLY_FILLED" | "FILLED" | "CANCELED" | "EXPIRED";

/** A limit order; amounts in units of 10^-8. */
export interface Order {
  readonly id: number;
  readonly clientId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly price: bigint;
  readonly quantity: bigint;
  readonly filled: bigint;
  readonly filledQuote: bigint;
  readonly status: OrderStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What happened to an order; the part of an execution report that is not the order itself. */
export interface Execution {
  readonly kind: "NEW" | "TRADE" | "CANCELED" | "EXPIRED";
  readonly executionId: number;
  /** Executed just now; 0 unless a trade. */
  readonly quantity: bigint;
  /** -1 unless a trade. */
  readonly tradeId: number;
  /**
   * With `CANCELED`: the id of the cancelling request, which takes the place of the order's own.
   */
  readonly requestId: string;
  /** With `EXPIRED`: why (field `eR`, since 2026-03-26). */
  readonly expiryReason: string | undefined;
}

/** An order by the venue's id or the client's. */
export interface OrderName {
  readonly orderId?: number | undefined;
  readonly clientId?: string | undefined;
}

/** Whether an order has this name; the venue's id counts if there are both. */
export function isNamed(order: Order, { orderId, clientId }: OrderName): boolean {
  return orderId === undefined ? order.clientId === clientId : order.id === orderId;
}

/** True while an order can still trade. */
export function isOpen(order: Order): boolean {
  return order.status === "NEW" || order.status === "PARTIALLY_FILLED";
}

/** The `executionReport` event (B-38). */
export function executionReport(
  order: Order,
  execution: Execution,
  time: number,
): Readonly<Record<string, unknown>> {
  const isTrade = execution.kind === "TRADE";
  const lastQuote = isTrade ? notional(order.price, execution.quantity) : 0n;
  const report = {
    e: "executionReport",
    E: time,
    s: order.symbol,
    c: execution.kind === "CANCELED" ? execution.requestId : order.clientId,
    S: order.side,
    o: "LIMIT",
    f: "GTC",
    q: printAmount(order.quantity),
    p: printAmount(order.price),
    P: printAmount(0n),
    F: printAmount(0n),
    g: -1,
    C: execution.kind === "CANCELED" ? order.clientId : "",
    x: execution.kind,
    X: order.status,
    r: "NONE",
    i: order.id,
    l: printAmount(execution.quantity),
    z: printAmount(order.filled),
    L: printAmount(isTrade ? order.price : 0n),
    n: "0",
    N: null,
    T: time,
    t: execution.tradeId,
    I: execution.executionId,
    w: isOpen(order),
    m: isTrade,
    M: false,
    O: order.createdAt,
    Z: printAmount(order.filledQuote),
    Y: printAmount(lastQuote),
    Q: printAmount(0n),
    W: order.createdAt,
    V: "NONE",
  };
  return execution.expiryReason === undefined ? report : { ...report, eR: execution.expiryReason };
}

/** An order as `openOrders` queries show it. */
export function orderStatus(order: Order): Readonly<Record<string, unknown>> {
  return {
    symbol: order.symbol,
    orderId: order.id,
    orderListId: -1,
    clientOrderId: order.clientId,
    price: printAmount(order.price),
    origQty: printAmount(order.quantity),
    executedQty: printAmount(order.filled),
    origQuoteOrderQty: printAmount(0n),
    cummulativeQuoteQty: printAmount(order.filledQuote),
    status: order.status,
    timeInForce: "GTC",
    type: "LIMIT",
    side: order.side,
    stopPrice: printAmount(0n),
    icebergQty: printAmount(0n),
    time: order.createdAt,
    updateTime: order.updatedAt,
    isWorking: true,
    workingTime: order.createdAt,
    selfTradePreventionMode: "NONE",
  };
}
