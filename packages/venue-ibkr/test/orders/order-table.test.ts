import { expect, it } from "vitest";
import { OrderTable } from "../../src/orders/order-table.js";

it.each([
  { known: "9", change: "10", told: "10" },
  { known: 9, change: "10", told: "10" },
  { known: "10", change: "9", told: undefined },
  { known: "10.5", change: 10.25, told: undefined },
  { known: "1000", change: "200", told: undefined },
  // What is no number says nothing about what is older.
  { known: "10", change: "", told: "" },
  { known: "?", change: "3", told: "3" },
])("quantities are compared as numbers: $change after $known", ({ known, change, told }) => {
  const table = new OrderTable();
  table.reset([{ orderId: 1, filledQuantity: known }]);
  const rows = table.merge([{ orderId: 1, filledQuantity: change }]);
  expect(rows.map(({ filledQuantity }) => filledQuantity)).toEqual(
    told === undefined ? [] : [told],
  );
});
