import { RowMerge } from "../feed/row-merge.js";
import type { Order } from "../market/payloads.js";

/** States that no order leaves. `Inactive` is none: an order begins with it (recorded). */
const FINAL: ReadonlySet<string> = new Set(["Filled", "Cancelled"]);

/**
 * The orders of an account: a state that was asked for, and what the stream says since. What the
 * stream says may be older than the state, because it was under way meanwhile; so an order that is
 * over stays over, and nothing that was filled is taken back.
 */
export class OrderTable {
  readonly #orders = new RowMerge<Order>(({ orderId }) => orderId);

  get orders(): readonly Order[] {
    return this.#orders.rows;
  }

  /** Begins again with these. */
  reset(orders: readonly Order[]): void {
    this.#orders.clear();
    for (const order of orders) this.#orders.merge(order);
  }

  /** Adds parts of orders; gives the whole of those that it changed. */
  merge(changes: readonly Partial<Order>[]): readonly Order[] {
    const changed = new Map<number, Order>();
    for (const change of changes) {
      if (this.#isOld(change)) continue;
      const merged = this.#orders.merge(change);
      if (merged.changed) changed.set(merged.row.orderId, merged.row);
    }
    return Array.from(changed.values());
  }

  #isOld({ orderId, status, filledQuantity }: Partial<Order>): boolean {
    const known = orderId === undefined ? undefined : this.#orders.get(orderId);
    if (known === undefined) return false;
    if (status !== undefined && FINAL.has(known.status ?? "") && status !== known.status)
      return true;
    return (
      (quantity(filledQuantity) ?? Number.POSITIVE_INFINITY) < (quantity(known.filledQuantity) ?? 0)
    );
  }
}

/** A quantity, which may come as text; `undefined` for what is none. */
function quantity(value: number | string | undefined): number | undefined {
  if (typeof value !== "string") return value;
  return /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}
