import { SimOptionError } from "../../option-error.js";
import type { SeededRandom } from "../../random.js";
import type { SymbolSpec } from "../../market/symbol-spec.js";
import { API_ERRORS, type ApiError } from "./api-error.js";
import { notional, parseAmount, printAmount } from "./amount.js";
import {
  type Execution,
  executionReport,
  isNamed,
  isOpen,
  type Order,
  type OrderName,
  type OrderStatus,
  orderStatus,
} from "./order.js";
import type { AccountSettings } from "./resolve-accounts.js";
import type { AccountEvent, NewOrder, SimAccount } from "./sim-account.js";
import { Wallet } from "./wallet.js";

/** Events kept. */
const KEPT = 100_000;

/** What an account needs of its surroundings. */
export interface AccountSurroundings {
  readonly random: SeededRandom;
  symbol(name: string): SymbolSpec | undefined;
  readonly symbols: readonly SymbolSpec[];
  wallNow(): number;
  /** Counts an order that a client places, and says whether it is one too many. */
  admitsOrder(): boolean;
  /** The account has had an event. */
  published(account: Account, event: AccountEvent): void;
}

/** The state of one account. Orders trade only when told to. */
export class Account implements SimAccount {
  readonly settings: AccountSettings;
  /** The key was revoked (B-37). */
  revoked = false;
  readonly #around: AccountSurroundings;
  readonly #wallet: Wallet;
  readonly #orders: Map<number, Order> = new Map();
  /** Every order there ever was, as it is now. */
  readonly #all: Map<number, Order> = new Map();
  readonly #events: AccountEvent[] = [];
  /** What {@link events} gave; gone with the next event. */
  #eventsCopy: readonly AccountEvent[] | undefined;
  #eventCount = 0;
  #nextOrder = 1;
  #nextExecution = 1;
  #nextTrade = 1;

  constructor(settings: AccountSettings, around: AccountSurroundings) {
    this.settings = settings;
    this.#around = around;
    this.#wallet = new Wallet(settings.balances);
  }

  get apiKey(): string {
    return this.settings.apiKey;
  }

  get privateKey(): string | undefined {
    return this.settings.privateKeyPem;
  }

  get events(): readonly AccountEvent[] {
    return (this.#eventsCopy ??= [...this.#events]);
  }

  balances(): Readonly<Record<string, { readonly free: string; readonly locked: string }>> {
    return this.#wallet.print();
  }

  openOrders(symbol?: string): readonly Readonly<Record<string, unknown>>[] {
    return this.#open(symbol).map(orderStatus);
  }

  get orders(): readonly Readonly<Record<string, unknown>>[] {
    return [...this.#all.values()].map(orderStatus);
  }

  /** The newest order with this id of the venue's or the client's. */
  findOrder(symbol: string, which: OrderName): Order | undefined {
    return [...this.#all.values()].findLast(
      (order) => order.symbol === symbol && isNamed(order, which),
    );
  }

  /** Counts an order that a client places, and says whether the limit of orders still holds. */
  admitsOrder(): boolean {
    return this.#around.admitsOrder();
  }

  /** Why the venue would not take an order; `undefined` if it would. */
  refusalOf({ symbol, side, price, quantity, clientOrderId }: NewOrder): ApiError | undefined {
    const spec = this.#around.symbol(symbol);
    if (spec === undefined) return API_ERRORS.badSymbol;
    const [at, amount] = [parseAmount(price) ?? 0n, parseAmount(quantity) ?? 0n];
    const isBuy = side === "BUY";
    const needed = isBuy ? notional(at, amount) : amount;
    if (this.#open().some(({ clientId }) => clientId === clientOrderId))
      return API_ERRORS.duplicateOrder;
    return this.#wallet.free(isBuy ? spec.quote : spec.base) < needed
      ? API_ERRORS.noMoney
      : undefined;
  }

  placeOrder(request: NewOrder): number {
    const spec = this.#symbol(request.symbol);
    const price = positive("price", request.price);
    const quantity = positive("quantity", request.quantity);
    const lockedAsset = request.side === "BUY" ? spec.quote : spec.base;
    this.#wallet.lock(lockedAsset, request.side === "BUY" ? notional(price, quantity) : quantity);
    const now = this.#around.wallNow();
    const id = this.#nextOrder++;
    const order: Order = {
      id,
      clientId: request.clientOrderId ?? `sim-${id}`,
      symbol: spec.symbol,
      side: request.side,
      price,
      quantity,
      filled: 0n,
      filledQuote: 0n,
      status: "NEW",
      createdAt: now,
      updatedAt: now,
    };
    this.#orders.set(id, order);
    this.#all.set(id, order);
    this.#report(order, "NEW", {});
    this.#position([lockedAsset]);
    return id;
  }

  fillOrder(orderId: number, quantityText?: string): void {
    const order = this.#openOrder(orderId);
    const left = order.quantity - order.filled;
    const quantity = quantityText === undefined ? left : positive("quantity", quantityText);
    if (quantity > left)
      throw new SimOptionError("quantity", `only ${printAmount(left)} of order ${orderId} is left`);
    const spec = this.#symbol(order.symbol);
    // Rounding is settled on the last fill, so that what was locked and what was spent agree to the
    // unit.
    const filledQuote =
      quantity === left
        ? notional(order.price, order.quantity)
        : order.filledQuote + notional(order.price, quantity);
    const quote = filledQuote - order.filledQuote;
    this.#wallet.spendLocked(
      order.side === "BUY" ? spec.quote : spec.base,
      order.side === "BUY" ? quote : quantity,
    );
    this.#wallet.credit(
      order.side === "BUY" ? spec.base : spec.quote,
      order.side === "BUY" ? quantity : quote,
    );
    const filled = order.filled + quantity;
    const status: OrderStatus = filled === order.quantity ? "FILLED" : "PARTIALLY_FILLED";
    const next = this.#update({ ...order, filled, filledQuote, status });
    this.#report(next, "TRADE", { quantity, tradeId: this.#nextTrade++ });
    this.#position([spec.base, spec.quote]);
  }

  cancelOrder(orderId: number, requestId?: string): void {
    this.#finish(orderId, "CANCELED", undefined, requestId);
  }

  expireOrder(orderId: number, reason = "GTC"): void {
    this.#finish(orderId, "EXPIRED", reason);
  }

  deposit(asset: string, amountText: string): void {
    const amount = signed("amount", amountText);
    this.#wallet.credit(asset, amount);
    const now = this.#around.wallNow();
    this.publish({ e: "balanceUpdate", E: now, a: asset, d: printAmount(amount), T: now });
    this.#position([asset]);
  }

  lock(asset: string, amountText: string): void {
    const amount = signed("amount", amountText);
    this.#wallet.lock(asset, amount);
    const now = this.#around.wallNow();
    this.publish({ e: "externalLockUpdate", E: now, a: asset, d: printAmount(amount), T: now });
  }

  act(actions = 1): void {
    for (let done = 0; done < actions; done++) this.#actOnce();
  }

  publish(event: Readonly<Record<string, unknown>>): void {
    const entry: AccountEvent = { index: ++this.#eventCount, event };
    this.#events.push(entry);
    this.#eventsCopy = undefined;
    if (this.#events.length > KEPT) this.#events.shift();
    this.#around.published(this, entry);
  }

  /**
   * One random action. Amounts are small against the balances; what does not fit is a deposit
   * instead.
   */
  #actOnce(): void {
    const { random, symbols } = this.#around;
    const open = this.#open();
    const chosen = open[random.between(0, Math.max(0, open.length - 1))];
    const dice = random.next();
    if (chosen !== undefined && (dice < 0.4 || open.length > 20)) {
      const left = chosen.quantity - chosen.filled;
      const part = random.chance(0.5) ? left : left / 2n;
      return this.fillOrder(chosen.id, printAmount(part === 0n ? left : part));
    }
    if (chosen !== undefined && dice < 0.6) return this.cancelOrder(chosen.id);
    const spec = symbols[random.between(0, symbols.length - 1)];
    const side = random.chance(0.5) ? "BUY" : "SELL";
    const quantity = BigInt(random.between(1, 100)) * 1_000n;
    if (spec === undefined) return;
    const price = BigInt(Math.round(spec.price * 1e8));
    const asset = side === "BUY" ? spec.quote : spec.base;
    const needed = side === "BUY" ? notional(price, quantity) : quantity;
    if (dice > 0.95 || this.#wallet.free(asset) < needed)
      return this.deposit(asset, printAmount(needed * 100n + 1n));
    this.placeOrder({
      symbol: spec.symbol,
      side,
      price: printAmount(price),
      quantity: printAmount(quantity),
    });
  }

  #finish(
    orderId: number,
    status: "CANCELED" | "EXPIRED",
    reason: string | undefined,
    requestId = `sim-cancel-${orderId}`,
  ): void {
    const order = this.#openOrder(orderId);
    const spec = this.#symbol(order.symbol);
    const asset = order.side === "BUY" ? spec.quote : spec.base;
    const locked =
      order.side === "BUY"
        ? notional(order.price, order.quantity) - order.filledQuote
        : order.quantity - order.filled;
    this.#wallet.lock(asset, -locked);
    const next = this.#update({ ...order, status });
    this.#report(next, status, { requestId, expiryReason: reason });
    this.#position([asset]);
  }

  #update(order: Order): Order {
    const next: Order = { ...order, updatedAt: this.#around.wallNow() };
    if (isOpen(next)) this.#orders.set(next.id, next);
    else this.#orders.delete(next.id);
    this.#all.set(next.id, next);
    return next;
  }

  #report(order: Order, kind: Execution["kind"], details: Partial<Execution>): void {
    const execution: Execution = {
      quantity: 0n,
      tradeId: -1,
      requestId: "",
      expiryReason: undefined,
      ...details,
      kind,
      executionId: this.#nextExecution++,
    };
    this.publish(executionReport(order, execution, this.#around.wallNow()));
  }

  /** The balances that may have changed. */
  #position(assets: readonly string[]): void {
    const balances = this.#wallet.print();
    const now = this.#around.wallNow();
    const changed = assets.map((asset) => ({
      a: asset,
      f: balances[asset]?.free,
      l: balances[asset]?.locked,
    }));
    this.publish({ e: "outboundAccountPosition", E: now, u: now, B: changed });
  }

  #open(symbol?: string): readonly Order[] {
    return [...this.#orders.values()].filter(
      (order) => symbol === undefined || order.symbol === symbol,
    );
  }

  #openOrder(orderId: number): Order {
    const order = this.#orders.get(orderId);
    if (order === undefined)
      throw new SimOptionError("orderId", `there is no open order ${orderId}`);
    return order;
  }

  #symbol(name: string): SymbolSpec {
    const spec = this.#around.symbol(name);
    if (spec === undefined) throw new SimOptionError("symbol", `${name} is not simulated here`);
    return spec;
  }
}

function positive(option: string, text: string): bigint {
  const amount = parseAmount(text);
  if (amount === undefined || amount === 0n) {
    throw new SimOptionError(option, `expected a positive decimal text like "0.5", got ${text}`);
  }
  return amount;
}

function signed(option: string, text: string): bigint {
  const amount = parseAmount(text, true);
  if (amount === undefined)
    throw new SimOptionError(option, `expected a decimal text like "-0.5", got ${text}`);
  return amount;
}
