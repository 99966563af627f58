import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { SimOptionError } from "../option-error.js";
import type { JwtKey } from "./jwt.js";
import type { CoinbaseAccountOptions } from "./options.js";

/** An order as the `user` channel shows it: all texts (C-20). */
export interface CoinbaseOrder {
  readonly order_id: string;
  readonly client_order_id: string;
  readonly product_id: string;
  readonly order_side: "BUY" | "SELL";
  readonly order_type: "Limit";
  readonly status: "OPEN" | "FILLED" | "CANCELLED";
  readonly limit_price: string;
  readonly cumulative_quantity: string;
  readonly leaves_quantity: string;
  readonly avg_price: string;
  readonly filled_value: string;
  readonly number_of_fills: string;
  readonly total_fees: string;
  readonly time_in_force: "GOOD_UNTIL_CANCELLED";
  readonly creation_time: string;
}

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

/** The account behind {@link CoinbaseAccount}. */
export class SimAccount implements CoinbaseAccount, JwtKey {
  readonly keyName: string;
  readonly algorithm: "ES256" | "EdDSA";
  readonly publicKey: KeyObject;
  readonly privateKey: string | undefined;
  readonly userId: string;
  revoked = false;
  readonly #index: number;
  readonly #listener: AccountListener;
  readonly #open: Map<string, CoinbaseOrder> = new Map();
  #nextOrder = 1;
  #buyingPower = "100.00";

  constructor(index: number, options: CoinbaseAccountOptions, listener: AccountListener) {
    this.#index = index;
    this.#listener = listener;
    this.keyName = options.keyName ?? `organizations/sim/apiKeys/${index}`;
    this.algorithm = options.algorithm ?? "EdDSA";
    this.userId = `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;
    if (options.publicKey === undefined) {
      const pair =
        this.algorithm === "ES256"
          ? generateKeyPairSync("ec", { namedCurve: "P-256" })
          : generateKeyPairSync("ed25519");
      this.publicKey = pair.publicKey;
      this.privateKey = pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
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
    return this.#settle({
      ...order,
      status: "FILLED",
      cumulative_quantity: order.leaves_quantity,
      leaves_quantity: "0",
      avg_price: order.limit_price,
      filled_value: String(Number(order.limit_price) * Number(order.leaves_quantity)),
      number_of_fills: "1",
    });
  }

  cancel(orderId: string): CoinbaseOrder {
    return this.#settle({ ...this.#take(orderId), status: "CANCELLED", leaves_quantity: "0" });
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
    const order: CoinbaseOrder = {
      order_id: `order-${this.#index}-${id}`,
      client_order_id: `client-${id}`,
      product_id: productId,
      order_side: side,
      order_type: "Limit",
      status: "OPEN",
      limit_price: price,
      cumulative_quantity: "0",
      leaves_quantity: quantity,
      avg_price: "0",
      filled_value: "0",
      number_of_fills: "0",
      total_fees: "0",
      time_in_force: "GOOD_UNTIL_CANCELLED",
      creation_time: new Date().toISOString(),
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
