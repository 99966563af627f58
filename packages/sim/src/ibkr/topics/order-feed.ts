import type { AccountChange, IbkrOrder } from "../account/account-change.js";
import type { Feed, FeedOutlet } from "./feed.js";

/** How quantities are written. */
type Quantities = "number" | "text";

/**
 * `sor`: nothing at first; then every order in full when it is first heard of, and by its changes
 * afterwards.
 */
export class OrderFeed implements Feed {
  readonly topic = "sor";
  readonly needsBrokerage = true;
  readonly #outlet: FeedOutlet;
  readonly #quantities: Quantities;
  readonly #seen: Set<number>;

  /** `snapshot`: orders to start with, where the venue does so. */
  constructor(outlet: FeedOutlet, snapshot: readonly IbkrOrder[], quantities: Quantities) {
    this.#outlet = outlet;
    this.#quantities = quantities;
    this.#seen = new Set(snapshot.map(({ orderId }) => orderId));
    if (snapshot.length > 0) outlet.publish(this.topic, this.#print(snapshot));
  }

  changed(change: AccountChange): void {
    if (change.kind !== "order") return;
    const { order, delta, number } = change;
    const whole = change.whole || !this.#seen.has(order.orderId);
    this.#seen.add(order.orderId);
    const shown = whole ? order : { acct: order.acct, orderId: order.orderId, ...delta };
    this.#outlet.publish(this.topic, this.#print([shown]), { first: number, last: number });
  }

  stop(): void {}

  #print(orders: readonly object[]): string {
    const args = orders.map((order) => withQuantities(order, this.#quantities));
    return JSON.stringify({ topic: this.topic, args });
  }
}

/** An order, or a part of one, with its quantities as numbers or as text. */
export function withQuantities(order: object, quantities: Quantities): object {
  if (quantities === "number") return order;
  return Object.fromEntries(
    Object.entries(order).map(([name, value]) => [
      name,
      /(Quantity|^totalSize)$/.test(name) ? String(value) : (value as unknown),
    ]),
  );
}
