import { asChoice, asInteger, asNumber, asRecord, asText } from "../../check.js";
import { SimOptionError } from "../../option-error.js";
import type { IbkrMarket } from "../market/market.js";
import type { AccountChange, IbkrExecution, IbkrOrder } from "./account-change.js";

/** A limit order to place. */
export interface IbkrNewOrder {
  readonly conid: number;
  readonly side: "BUY" | "SELL";
  readonly quantity: number;
  readonly price: number;
  /** The client's id of it (`cOID`). */
  readonly ref?: string;
}

/** The simulated account: makes orders, trades and money move. */
export interface IbkrAccount {
  readonly id: string;
  /** All orders, oldest first, also those that are over. */
  readonly orders: readonly IbkrOrder[];
  readonly executions: readonly IbkrExecution[];
  /** Places an order; it goes through its recorded life up to `Submitted` at once. */
  placeOrder(order: IbkrNewOrder): IbkrOrder;
  /**
   * Fills an order, whole or so much of it, at its own price or another. Throws for one that is not
   * open, and for too much.
   */
  fillOrder(
    orderId: number,
    fill?: { readonly quantity?: number; readonly price?: number },
  ): IbkrExecution;
  /** Changes price or quantity of an open order. Throws for one that is not open. */
  changeOrder(
    orderId: number,
    change: { readonly price?: number | undefined; readonly quantity?: number | undefined },
  ): IbkrOrder;
  /** Cancels an open order: `PendingCancel` in full, then `Cancelled`. */
  cancelOrder(orderId: number): IbkrOrder;
  /** The commission of an execution becomes known: a later copy of it carries it. */
  setCommission(executionId: string, commission: string): IbkrExecution;
}

/** Colours of states in the recording; other states have the same. */
const COLOUR = "#3399CC";
const CASH = 1_000_000;

/** The account behind {@link IbkrAccount}. */
export class SimIbkrAccount implements IbkrAccount {
  readonly id: string;
  readonly #market: IbkrMarket;
  readonly #now: () => number;
  readonly #changed: (change: AccountChange) => void;
  readonly #orders: Map<number, IbkrOrder> = new Map();
  readonly #executions: Map<string, IbkrExecution> = new Map();
  /** Net quantity and money paid for it, by conid. */
  readonly #positions: Map<number, { quantity: number; paid: number }> = new Map();
  #nextOrder = 912_091_175;
  #orderChanges = 0;
  #tradeChanges = 0;

  constructor(
    id: string,
    market: IbkrMarket,
    now: () => number,
    changed: (change: AccountChange) => void,
  ) {
    this.id = id;
    this.#market = market;
    this.#now = now;
    this.#changed = changed;
  }

  get orders(): readonly IbkrOrder[] {
    return [...this.#orders.values()];
  }

  get executions(): readonly IbkrExecution[] {
    return [...this.#executions.values()];
  }

  /** Orders that can still be filled. */
  get openOrders(): readonly IbkrOrder[] {
    return this.orders.filter(({ status }) => status === "Submitted");
  }

  /** Profit of all positions at the last prices. */
  get profit(): number {
    let total = 0;
    for (const [conid, { quantity, paid }] of this.#positions) {
      total += (quantity * this.#market.instrument(conid).lastCents) / 100 - paid;
    }
    return Math.round(total * 100) / 100;
  }

  get cash(): number {
    return CASH - [...this.#positions.values()].reduce((sum, { paid }) => sum + paid, 0);
  }

  get netLiquidation(): number {
    return CASH + this.profit;
  }

  placeOrder(order: IbkrNewOrder): IbkrOrder {
    const { conid, side, quantity, price, ref } = checked(order);
    const { symbol } = this.#market.instrument(conid);
    const printed = price.toFixed(2);
    const placed: IbkrOrder = {
      acct: this.id,
      conidex: String(conid),
      conid,
      orderId: this.#nextOrder++,
      ...(ref === undefined ? {} : { order_ref: ref }),
      sizeAndFills: `0/${quantity}`,
      orderDesc: `${side === "BUY" ? "Buy" : "Sell"} ${quantity} ${symbol} Limit ${printed}, Day`,
      ticker: symbol,
      remainingQuantity: quantity,
      filledQuantity: 0,
      totalSize: quantity,
      status: "Inactive",
      order_ccp_status: "Pending Submit",
      orderType: "Limit",
      timeInForce: "DAY",
      price: printed,
      side,
    };
    // The recorded burst: whole, an empty stub, then one state after the other.
    this.#change(placed, {}, true);
    this.#change(placed, {});
    this.#change(placed, { status: "PendingSubmit", fgColor: COLOUR });
    this.#change(placed, { status: "PreSubmitted", fgColor: COLOUR });
    return this.#change(placed, {
      status: "Submitted",
      order_ccp_status: "Submitted",
      fgColor: COLOUR,
    });
  }

  fillOrder(
    orderId: number,
    fill: { readonly quantity?: number; readonly price?: number } = {},
  ): IbkrExecution {
    const order = this.#open(orderId);
    const quantity = asInteger("quantity", fill.quantity ?? order.remainingQuantity, {
      min: 1,
      max: order.remainingQuantity,
    });
    const price = asNumber("price", fill.price ?? Number(order.price), { min: 0.01, max: 1e9 });
    const filled = order.filledQuantity + quantity;
    const left = order.remainingQuantity - quantity;
    const value = Number(order.avgPrice ?? 0) * order.filledQuantity + price * quantity;
    const execution: IbkrExecution = {
      execution_id: `0000e0d5.60cf1bd1.${String(this.#executions.size + 1).padStart(2, "0")}.01`,
      symbol: order.ticker,
      side: order.side === "BUY" ? "B" : "S",
      size: quantity,
      price: price.toFixed(2),
      trade_time_r: this.#now(),
      conid: order.conid,
      account: this.id,
      order_ref: String(orderId),
    };
    const position = this.#positions.get(order.conid) ?? { quantity: 0, paid: 0 };
    const sign = order.side === "BUY" ? 1 : -1;
    this.#positions.set(order.conid, {
      quantity: position.quantity + sign * quantity,
      paid: position.paid + sign * quantity * price,
    });
    this.#change(order, {
      sizeAndFills: `${filled}/${left}`,
      remainingQuantity: left,
      filledQuantity: filled,
      avgPrice: (value / filled).toFixed(2),
    });
    if (left === 0)
      this.#change(order, { status: "Filled", order_ccp_status: "Filled", fgColor: COLOUR });
    return this.#trade(execution);
  }

  changeOrder(
    orderId: number,
    change: { readonly price?: number | undefined; readonly quantity?: number | undefined },
  ): IbkrOrder {
    const order = this.#open(orderId);
    const { filledQuantity: filled } = order;
    const price = change.price ?? Number(order.price);
    const quantity = asInteger("quantity", change.quantity ?? order.totalSize, {
      min: filled + 1,
      max: 1e9,
    });
    const left = quantity - filled;
    return this.#change(
      order,
      {
        price: asNumber("price", price, { min: 0.01, max: 1e9 }).toFixed(2),
        totalSize: quantity,
        remainingQuantity: left,
        sizeAndFills: `${filled}/${left}`,
      },
      true,
    );
  }

  cancelOrder(orderId: number): IbkrOrder {
    const order = this.#open(orderId);
    this.#change(order, { status: "PendingCancel", order_ccp_status: "Pending Cancel" }, true);
    return this.#change(order, {
      status: "Cancelled",
      order_ccp_status: "Cancelled",
      fgColor: COLOUR,
    });
  }

  setCommission(executionId: string, commission: string): IbkrExecution {
    const execution = this.#executions.get(executionId);
    if (execution === undefined)
      throw new SimOptionError("executionId", `${executionId} is not known`);
    return this.#trade({ ...execution, commission: asText("commission", commission) });
  }

  #open(orderId: number): IbkrOrder {
    const order = this.#orders.get(orderId);
    if (order?.status !== "Submitted")
      throw new SimOptionError("orderId", `${orderId} is not open`);
    return order;
  }

  #change(
    { orderId, ...rest }: IbkrOrder,
    delta: Extract<AccountChange, { kind: "order" }>["delta"],
    whole = false,
  ): IbkrOrder {
    const { fgColor: _, ...lasting } = delta;
    const order: IbkrOrder = { ...(this.#orders.get(orderId) ?? { orderId, ...rest }), ...lasting };
    this.#orders.set(orderId, order);
    this.#changed({ kind: "order", number: ++this.#orderChanges, order, delta, whole });
    return order;
  }

  #trade(execution: IbkrExecution): IbkrExecution {
    this.#executions.set(execution.execution_id, execution);
    this.#changed({ kind: "trade", number: ++this.#tradeChanges, execution });
    return execution;
  }
}

function checked(order: IbkrNewOrder): IbkrNewOrder {
  const from = asRecord("order", order, ["conid", "side", "quantity", "price", "ref"]);
  const ref = from["ref"];
  return {
    conid: asInteger("order.conid", from["conid"], { min: 1, max: Number.MAX_SAFE_INTEGER }),
    side: asChoice("order.side", from["side"], ["BUY", "SELL"]),
    quantity: asInteger("order.quantity", from["quantity"], { min: 1, max: 1e9 }),
    price: asNumber("order.price", from["price"], { min: 0.01, max: 1e9 }),
    ...(ref === undefined ? {} : { ref: asText("order.ref", ref) }),
  };
}
