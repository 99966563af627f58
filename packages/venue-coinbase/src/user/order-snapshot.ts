import type { UserEvent, UserOrder, UserPositions, UserSnapshotEnd } from "./payloads.js";

/**
 * Orders in one event of a snapshot; one with fewer ends it (C-20). After one with as many, more
 * may follow, and the acknowledgement ends it (C-5).
 */
export const ORDERS_PER_BATCH = 50;

/** What an event of the `user` channel came to. */
export type UserVerdict =
  /** It waits for the rest of the snapshot. */
  | { readonly kind: "held" }
  /** Changes of orders that are known. */
  | { readonly kind: "orders"; readonly orders: readonly UserOrder[] }
  /** All open orders and positions, and the changes that came while the snapshot did. */
  | {
      readonly kind: "complete";
      readonly orders: readonly UserOrder[];
      readonly positions: UserPositions | undefined;
      readonly after: readonly (readonly UserOrder[])[];
    }
  /** It belongs to what was before a loss. */
  | { readonly kind: "ignored" };

const HELD: UserVerdict = { kind: "held" };
const IGNORED: UserVerdict = { kind: "ignored" };

/**
 * Puts the batches of a snapshot together, and holds back what comes between them. Without clocks
 * or requests.
 */
export class OrderSnapshot {
  #isLive = false;
  #isCollecting = false;
  #orders: UserOrder[] = [];
  #positions: UserPositions | undefined;
  #after: (readonly UserOrder[])[] = [];
  /** Gaps that the topic had before its last event, and before the first one that counts. */
  #gaps = 0;
  #needed = 0;

  /** Whether the snapshot is complete, and every change since was told. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Nothing is known until the next snapshot. */
  lose(): void {
    this.#isLive = false;
    this.#clear();
  }

  /** The topic has so many gaps now; `true` when a snapshot is lost with the last one. */
  missed(gaps: number): boolean {
    if (gaps <= this.#needed) return false;
    this.#needed = gaps;
    if (gaps <= this.#gaps) return false;
    const wasLive = this.#isLive;
    this.lose();
    return wasLive;
  }

  /** @param gaps that the topic had before this event */
  event(event: UserEvent | UserSnapshotEnd, gaps: number): UserVerdict {
    if (gaps < this.#needed) return IGNORED;
    // Half a snapshot of before the loss does not go with the other half of the next.
    if (gaps > this.#gaps) this.lose();
    this.#gaps = gaps;
    if (event.type === "end") return this.#isCollecting ? this.#complete() : IGNORED;
    if (event.type === "snapshot") return this.#collect(event);
    if (this.#isLive) return { kind: "orders", orders: event.orders };
    if (!this.#isCollecting) return IGNORED;
    this.#after.push(event.orders);
    return HELD;
  }

  #collect({ orders, positions }: UserEvent): UserVerdict {
    this.#isLive = false;
    this.#isCollecting = true;
    this.#orders.push(...orders);
    this.#positions = positions ?? this.#positions;
    return orders.length >= ORDERS_PER_BATCH ? HELD : this.#complete();
  }

  #complete(): UserVerdict {
    const complete: UserVerdict = {
      kind: "complete",
      orders: this.#orders,
      positions: this.#positions,
      after: this.#after,
    };
    this.#clear();
    this.#isLive = true;
    return complete;
  }

  #clear(): void {
    this.#isCollecting = false;
    this.#orders = [];
    this.#positions = undefined;
    this.#after = [];
  }
}
