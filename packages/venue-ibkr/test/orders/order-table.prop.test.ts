import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Order } from "@oath-ws/venue-ibkr";
import { OrderTable } from "../../src/orders/order-table.js";

const STATES = ["PendingSubmit", "PreSubmitted", "Submitted"] as const;

/** The life of an order as a series of parts; each comes after the one before. */
const life = fc
  .record({
    orderId: fc.integer({ min: 1, max: 3 }),
    fills: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
    ends: fc.constantFrom("Filled", "Cancelled", undefined),
  })
  .map(({ orderId, fills, ends }): Partial<Order>[] => [
    { orderId, status: "Inactive", filledQuantity: 0, totalSize: 10, ticker: "T" },
    ...STATES.map((status) => ({ orderId, status })),
    ...fills.toSorted((a, b) => a - b).map((filledQuantity) => ({ orderId, filledQuantity })),
    ...(ends === undefined ? [] : [{ orderId, status: ends }]),
  ]);

function whole(parts: readonly Partial<Order>[]): Order {
  return Object.assign({}, ...parts) as Order;
}

describe("orders after a reconciliation", () => {
  it("that are over stay over and filled, whatever late parts of the stream say; those to come are taken", () => {
    fc.assert(
      fc.property(life, fc.nat(8), fc.nat(8), (parts, asked, from) => {
        // The state holds the first parts; the stream repeats some of them, and goes on.
        const known = Math.min(asked + 1, parts.length);
        const table = new OrderTable();
        table.reset([whole(parts.slice(0, known))]);
        for (const part of parts.slice(Math.min(from, known))) {
          const before = table.orders[0]!;
          table.merge([part]);
          const after = table.orders[0]!;
          if (before.status === "Filled" || before.status === "Cancelled")
            expect(after.status).toBe(before.status);
          expect(after.filledQuantity).toBeGreaterThanOrEqual(Number(before.filledQuantity ?? 0));
        }
        expect(table.orders).toHaveLength(1);
        const end = whole(parts);
        // The stream has caught up.
        expect(table.orders[0]).toEqual(end);
      }),
      { numRuns: 500 },
    );
  });

  it("are told whole, once for a frame, and not at all when nothing changed", () => {
    const table = new OrderTable();
    table.reset([{ orderId: 1, status: "Submitted", totalSize: 5 }]);
    expect(table.merge([{ orderId: 1, status: "Submitted" }])).toEqual([]);
    const changes = [
      { orderId: 1, filledQuantity: 2 },
      { orderId: 1, filledQuantity: 3 },
      { orderId: 2, status: "Inactive" },
    ];
    expect(table.merge(changes)).toEqual([
      { orderId: 1, status: "Submitted", totalSize: 5, filledQuantity: 3 },
      { orderId: 2, status: "Inactive" },
    ]);
    table.reset([]);
    expect(table.orders).toEqual([]);
  });

  it("without an id cannot be put together, and stand for themselves", () => {
    expect(new OrderTable().merge([{ status: "Submitted" }])).toEqual([{ status: "Submitted" }]);
  });
});
