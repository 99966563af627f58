import fc from "fast-check";
import { expect, it } from "vitest";
import { Linked, LinkedList } from "../../src/primitives/linked-list.js";

class Item extends Linked<Item> {}

it("a linked list is a set that keeps the order, and an item is in one list at most", () => {
  const step = fc.record({
    item: fc.nat(9),
    list: fc.nat(1),
    kind: fc.constantFrom("add", "delete"),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const items = Array.from({ length: 10 }, () => new Item());
      const lists = [new LinkedList<Item>(), new LinkedList<Item>()];
      const models = [new Set<Item>(), new Set<Item>()];
      for (const { item: index, list, kind } of steps) {
        const item = items[index]!;
        if (kind === "delete") {
          expect(lists[list]!.delete(item)).toBe(models[list]!.delete(item));
        } else if (item.list === undefined) {
          lists[list]!.add(item);
          models[list]!.add(item);
        }
        for (const [i, model] of models.entries()) {
          expect([...lists[i]!]).toEqual([...model]);
          expect([lists[i]!.size, lists[i]!.first]).toEqual([model.size, [...model][0]]);
        }
      }
    }),
  );
});

it("a linked list lets the item that is being looked at leave, and joins it to another list", () => {
  const from = new LinkedList<Item>();
  const to = new LinkedList<Item>();
  const items = [new Item(), new Item(), new Item()];
  for (const item of items) from.add(item);
  for (const item of from) {
    from.delete(item);
    to.add(item);
  }
  expect([from.size, ...to]).toEqual([0, ...items]);
});
