import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BookSide } from "../../src/book/book-side.js";

const price = fc.integer({ min: 1, max: 60 }).map((ticks) => (ticks / 4).toFixed(2));
const quantity = fc.integer({ min: 0, max: 3 }).map(String);
const level = fc.record({ price, quantity });

/** What a side must show: the plainest way to say it. */
function model(
  levels: readonly { readonly price: string; readonly quantity: string }[],
  sign: 1 | -1,
): string[] {
  const byPrice = new Map<number, string>();
  for (const each of levels) {
    if (each.quantity === "0") byPrice.delete(Number(each.price));
    else byPrice.set(Number(each.price), `${each.price} ${each.quantity}`);
  }
  return [...byPrice].toSorted(([one], [other]) => sign * (one - other)).map(([, text]) => text);
}

function print(side: BookSide): string[] {
  return side.levels.map((each) => `${each.price} ${each.quantity}`);
}

describe.each(["low", "high"] as const)("a side whose best price is the %s one", (best) => {
  const sign = best === "low" ? 1 : -1;

  it("shows the snapshot and every change, in order", () => {
    fc.assert(
      fc.property(
        fc.array(level, { maxLength: 40 }),
        fc.array(level, { maxLength: 40 }),
        (snapshot, changes) => {
          const side = new BookSide(best);
          expect(side.reset(snapshot)).toBe(true);
          expect(print(side)).toEqual(model(snapshot, sign));
          for (const change of changes) expect(side.set(change)).toBe(true);
          expect(print(side)).toEqual(model([...snapshot, ...changes], sign));
          expect(side.bestPrice).toBe(
            side.levels[0] === undefined ? undefined : Number(side.levels[0].price),
          );
        },
      ),
    );
  });

  it("changes nothing for a level that cannot be read", () => {
    const side = new BookSide(best);
    side.reset([{ price: "1.5", quantity: "2" }]);
    for (const bad of [
      { price: "x", quantity: "1" },
      { price: "", quantity: "1" },
      { price: "2", quantity: "-1" },
      { price: "2", quantity: "" },
      { price: "2", quantity: "NaN" },
      { price: 2 as unknown as string, quantity: "1" },
    ]) {
      expect(side.set(bad)).toBe(false);
    }
    expect(print(side)).toEqual(["1.5 2"]);
    expect(side.quantityAt("1.50")).toBe("2");
    expect(side.quantityAt("1.51")).toBeUndefined();
    expect(
      side.reset([
        { price: "1", quantity: "1" },
        { price: "x", quantity: "1" },
      ]),
    ).toBe(false);
    expect(print(side)).toEqual([]);
  });

  it("takes zero in any spelling as nothing", () => {
    const side = new BookSide(best);
    side.reset([
      { price: "1", quantity: "0.00000000" },
      { price: "2", quantity: "1" },
    ]);
    side.set({ price: "2.00", quantity: "0.00" });
    expect(print(side)).toEqual([]);
  });
});
