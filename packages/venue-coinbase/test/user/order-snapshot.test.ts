import { describe, expect, it } from "vitest";
import { OrderSnapshot } from "../../src/user/order-snapshot.js";
import type { UserEvent, UserOrder } from "../../src/user/payloads.js";

function orders(count: number, from = 1): readonly UserOrder[] {
  return Array.from(
    { length: count },
    (_, index) => ({ order_id: String(from + index) }) as UserOrder,
  );
}

function event(
  type: "snapshot" | "update",
  gaps: number,
  list: readonly UserOrder[],
): [UserEvent, number] {
  return [{ type, timestamp: "", sequence_num: 0, orders: list, positions: undefined }, gaps];
}

const HELD = { kind: "held" };
const IGNORED = { kind: "ignored" };

describe("a snapshot of orders", () => {
  it("ends with a batch that is not full, an empty one too", () => {
    const snapshot = new OrderSnapshot();
    expect(snapshot.event(...event("snapshot", 1, orders(50)))).toEqual(HELD);
    expect(snapshot.isLive).toBe(false);
    expect(snapshot.event(...event("snapshot", 1, orders(50, 51)))).toEqual(HELD);
    expect(snapshot.event(...event("snapshot", 1, []))).toMatchObject({
      kind: "complete",
      orders: orders(100),
      after: [],
    });
    expect(snapshot.isLive).toBe(true);
  });

  it("holds back changes between its batches", () => {
    const snapshot = new OrderSnapshot();
    snapshot.event(...event("snapshot", 1, orders(50)));
    expect(snapshot.event(...event("update", 1, orders(1, 7)))).toEqual(HELD);
    expect(snapshot.event(...event("snapshot", 1, orders(1, 51)))).toMatchObject({
      kind: "complete",
      after: [orders(1, 7)],
    });
    expect(snapshot.event(...event("update", 1, orders(1, 8)))).toEqual({
      kind: "orders",
      orders: orders(1, 8),
    });
  });

  it("has no use for changes before it", () => {
    expect(new OrderSnapshot().event(...event("update", 1, orders(1)))).toEqual(IGNORED);
  });

  it("is not made of halves from before and after a loss", () => {
    const snapshot = new OrderSnapshot();
    snapshot.event(...event("snapshot", 1, orders(50)));
    expect(snapshot.event(...event("snapshot", 2, orders(3)))).toMatchObject({
      kind: "complete",
      orders: orders(3),
    });
  });

  it("is lost once by what is missing, and does not come back from before", () => {
    const snapshot = new OrderSnapshot();
    snapshot.event(...event("snapshot", 1, orders(3)));
    expect(snapshot.missed(2)).toBe(true);
    expect(snapshot.missed(2)).toBe(false);
    expect(snapshot.event(...event("snapshot", 1, orders(3)))).toEqual(IGNORED);
    expect(snapshot.isLive).toBe(false);
    expect(snapshot.event(...event("snapshot", 2, orders(2)))).toMatchObject({
      kind: "complete",
      orders: orders(2),
    });
  });
});
