import { createPublicKey, type KeyObject } from "node:crypto";
import type { SeededRandom } from "../random.js";
import { seededKeys } from "../seeded-keys.js";
import { SimOptionError } from "../option-error.js";
import type { JwtKey } from "./jwt.js";
import type { CoinbaseAccountOptions } from "./options.js";

/** An order as the `user` channel shows it: 29 fields, all texts (C-20). */
export interface CoinbaseOrder {
  readonly avg_price: string;
  readonly cancel_reason: string;
  readonly client_order_id: string;
  readonly completion_percentage: string;
  readonly contract_expiry_type: string;
  readonly creation_time: string;
  readonly cumulative_quantity: string;
  readonly end_time: string;
  readonly filled_value: string;
  readonly leaves_quantity: string;
  readonly limit_price: string;
  readonly number_of_fills: string;
  readonly order_id: string;
  readonly order_side: "BUY" | "SELL";
  readonly order_type: "Limit";
  readonly outstanding_hold_amount: string;
  readonly post_only: "true" | "false";
  readonly product_id: string;
  readonly product_type: "SPOT";
  readonly reject_reason: string;
  readonly retail_portfolio_id: string;
  readonly risk_managed_by: string;
  readonly start_time: string;
  readonly status: "OPEN" | "FILLED" | "CANCELLED";
  readonly stop_price: string;
  readonly time_in_force: "GOOD_UNTIL_CANCELLED";
  readonly total_fees: string;
  readonly total_value_after_fees: string;
  readonly trigger_status: string;
}

/** A time that is not set, as the venue prints it. */
const UNSET_TIME = "0001-01-01T00:00:00Z";

/** A simulated account: makes JWTs possible and the `user` channel move. */
export interface CoinbaseAccount {
  readonly keyName: string;
  readonly algorithm: "ES256" | "EdDSA";
  /** PEM, PKCS8; `undefined` when the public key was given. */
  readonly privateKey: string | undefined;
  readonly userId: string;
  /** Open orders, oldest first. */
  readonly orders: readonly CoinbaseOrder[];
  /** A new limit order. */
  place(order: {
    readonly productId: string;
    readonly side: "BUY" | "SELL";
    readonly price: string;
    readonly quantity: string;
  }): CoinbaseOrder;
  /** Fills an open order whole. Throws for an unknown one. */
  fill(orderId: string): CoinbaseOrder;
  cancel(orderId: string): CoinbaseOrder;
  /** Changes the futures buying power, which is published. */
  setBuyingPower(amount: string): void;
}

/** Told of what happens in an account. */
export interface AccountListener {
  ordered(account: SimAccount, order: CoinbaseOrder): void;
  balanced(account: SimAccount): void;
}

/** What an account needs of its venue. */
export interface AccountParts {
  /** From 1 on. */
  readonly index: number;
  readonly listener: AccountListener;
  /** Makes the key pair, unless the options bring a key. */
  readonly random: SeededRandom;
  /** Wall clock, in ms since 1970. */
  readonly now: () => number;
}

/** The account behind {@link CoinbaseAccount}. */
export class SimAccount implements CoinbaseAccount, JwtKey {
  readonly keyName: string;
  readonly algorithm: "ES256" | "EdDSA";
  readonly publicKey: KeyObject;
  readonly privateKey: string | undefined;
  readonly userId: string;
  revoked = false;
  readonly #index: number;
  readonly #now: () => number;
  readonly #listener: AccountListener;
  readonly #open: Map<string, CoinbaseOrder> = new Map();
  #nextOrder = 1;
  #buyingPower = "100.00";

  constructor(options: CoinbaseAccountOptions, { index, listener, random, now }: AccountParts) {
    this.#index = index;
    this.#now = now;
    this.#listener = listener;
    this.keyName = options.keyName ?? `organizations/sim/apiKeys/${index}`;
    this.algorithm = options.algorithm ?? "EdDSA";
    this.userId = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
    if (options.publicKey === undefined) {
      const pair = seededKeys(random, this.algorithm);
      this.publicKey = pair.publicKey;
      this.privateKey = pair.privateKey;
    } else {
      this.publicKey = publicKey(options.publicKey);
    }
    for (let count = options.orders ?? 0; count > 0; count--)
      this.#place("BTC-USD", "BUY", "100", "0.5");
  }

  get orders(): readonly CoinbaseOrder[] {
    return [...this.#open.values()];
  }

  get balance(): Readonly<Record<string, string>> {
    return {
      futures_buying_power: this.#buyingPower,
      total_usd_balance: this.#buyingPower,
      available_margin: this.#buyingPower,
    };
  }

  place(order: Parameters<CoinbaseAccount["place"]>[0]): CoinbaseOrder {
    const placed = this.#place(order.productId, order.side, order.price, order.quantity);
    this.#listener.ordered(this, placed);
    return placed;
  }

  fill(orderId: string): CoinbaseOrder {
    const order = this.#take(orderId);
    const value = String(Number(order.limit_price) * Number(order.leaves_quantity));
    return this.#settle({
      ...order,
      status: "FILLED",
      completion_percentage: "100.00",
      cumulative_quantity: order.leaves_quantity,
      leaves_quantity: "0",
      outstanding_hold_amount: "0",
      avg_price: order.limit_price,
      filled_value: value,
      total_value_after_fees: value,
      number_of_fills: "1",
    });
  }

  cancel(orderId: string): CoinbaseOrder {
    return this.#settle({
      ...this.#take(orderId),
      status: "CANCELLED",
      cancel_reason: "User requested cancel",
      leaves_quantity: "0",
      outstanding_hold_amount: "0",
    });
  }

  setBuyingPower(amount: string): void {
    this.#buyingPower = amount;
    this.#listener.balanced(this);
  }

  #settle(order: CoinbaseOrder): CoinbaseOrder {
    this.#listener.ordered(this, order);
    return order;
  }

  #take(orderId: string): CoinbaseOrder {
    const order = this.#open.get(orderId);
    if (order === undefined) throw new SimOptionError("orderId", `${orderId} is not open`);
    this.#open.delete(orderId);
    return order;
  }

  #place(productId: string, side: "BUY" | "SELL", price: string, quantity: string): CoinbaseOrder {
    const id = this.#nextOrder++;
    const value = String(Number(price) * Number(quantity));
    const order: CoinbaseOrder = {
      avg_price: "0",
      cancel_reason: "",
      client_order_id: `client-${id}`,
      completion_percentage: "0.00",
      contract_expiry_type: "UNKNOWN_CONTRACT_EXPIRY_TYPE",
      creation_time: new Date(this.#now()).toISOString(),
      cumulative_quantity: "0",
      end_time: UNSET_TIME,
      filled_value: "0",
      leaves_quantity: quantity,
      limit_price: price,
      number_of_fills: "0",
      order_id: `order-${this.#index}-${id}`,
      order_side: side,
      order_type: "Limit",
      outstanding_hold_amount: side === "BUY" ? value : quantity,
      post_only: "false",
      product_id: productId,
      product_type: "SPOT",
      reject_reason: "",
      retail_portfolio_id: this.userId,
      risk_managed_by: "UNKNOWN_RISK_MANAGEMENT_TYPE",
      start_time: UNSET_TIME,
      status: "OPEN",
      stop_price: "",
      time_in_force: "GOOD_UNTIL_CANCELLED",
      total_fees: "0",
      total_value_after_fees: value,
      trigger_status: "INVALID_ORDER_TYPE",
    };
    this.#open.set(order.order_id, order);
    return order;
  }
}

function publicKey(pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch {
    throw new SimOptionError("accounts.publicKey", "cannot be read as a public key");
  }
}
