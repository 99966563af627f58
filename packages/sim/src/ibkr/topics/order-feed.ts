import type { AccountChange, IbkrOrder } from "../account/account-change.js";
import type { Feed, FeedOutlet } from "./feed.js";

/**
 * `sor`: nothing at first; then every order in full when it is first heard of, and by its changes
 * afterwards.
 */
export class OrderFeed implements Feed {
  readonly topic = "sor";
  readonly needsBrokerage = true;
  readonly #outlet: FeedOutlet;
  readonly #seen: Set<number>;

  /** `snapshot`: orders to start with, where the venue does so. */
  constructor(outlet: FeedOutlet, snapshot: readonly IbkrOrder[]) {
    this.#outlet = outlet;
    this.#seen = new Set(snapshot.map(({ orderId }) => orderId));
    if (snapshot.length > 0) outlet.publish(this.topic, print(snapshot));
  }

  changed(change: AccountChange): void {
    if (change.kind !== "order") return;
    const { order, delta, number } = change;
    const whole = change.whole || !this.#seen.has(order.orderId);
    this.#seen.add(order.orderId);
    const shown = whole ? order : { acct: order.acct, orderId: order.orderId, ...delta };
    this.#outlet.publish(this.topic, print([shown]), { first: number, last: number });
  }

  stop(): void {}
}

function print(args: readonly object[]): string {
  return JSON.stringify({ topic: "sor", args });
}
