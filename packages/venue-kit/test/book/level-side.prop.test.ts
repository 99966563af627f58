import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LevelSide } from "../../src/book/level-side.js";
import type { Level } from "../../src/book/level-side.js";

/** Prices of which many are equal as doubles, and many are one price in two spellings. */
const ofOneStep = fc
  .tuple(fc.constantFrom(0n, 9_007_199_254_740_992n), fc.nat(40), fc.nat(2))
  .map(([base, step, zeros]) => {
    const text = (base + BigInt(step)).toString().padStart(9, "0");
    return `${text.slice(0, -8)}.${text.slice(-8)}${"0".repeat(zeros)}`;
  });
/** The same with any number of digits behind the point, so that the smallest step changes. */
const ofManySteps = fc
  .tuple(
    fc.constantFrom("0", "1", "7", "90071992", "9007199254740991", "9007199254740992"),
    fc.stringMatching(/^[01]{0,2}[079]{0,3}(0{16}1)?$/),
    fc.constantFrom("", "0", "000"),
  )
  .map(([whole, digits, zeros]) => {
    const fraction = digits + zeros;
    return fraction === "" ? whole : `${whole}.${fraction}`;
  });
const price = fc.oneof(ofOneStep, ofManySteps);
const level = fc.record({ price, quantity: fc.constantFrom("0", "0.00", "1", "2.50") });

function valueOf(text: string): bigint {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.padEnd(30, "0"));
}

/** A side as a map by value, sorted when it is looked at. */
class Model {
  readonly #levels = new Map<bigint, Level>();

  set(each: Level): void {
    if (Number(each.quantity) === 0) this.#levels.delete(valueOf(each.price));
    else this.#levels.set(valueOf(each.price), each);
  }

  list(sign: 1 | -1): Level[] {
    return [...this.#levels]
      .toSorted(([one], [other]) => sign * (one < other ? -1 : 1))
      .map(([, each]) => each);
  }

  at(text: string): string | undefined {
    return this.#levels.get(valueOf(text))?.quantity;
  }
}

describe.each(["low", "high"] as const)("a side whose best price is the %s one", (best) => {
  const sign = best === "low" ? 1 : -1;

  it("shows every change in order of the exact prices", () => {
    fc.assert(
      fc.property(fc.array(level, { maxLength: 200 }), price, fc.nat(50), (levels, text, count) => {
        const side = new LevelSide(best);
        const model = new Model();
        for (const each of levels) {
          side.set(each);
          model.set(each);
        }
        const expected = model.list(sign);
        expect(side.list()).toEqual(expected);
        expect(side.size).toBe(expected.length);
        expect(side.best).toEqual(expected[0]);
        expect(side.at(count)).toEqual(expected[count]);
        expect(side.top(count)).toEqual(expected.slice(0, count));
        expect(side.quantityAt(text)).toBe(model.at(text));
        side.truncate(count);
        expect(side.list()).toEqual(expected.slice(0, count));
      }),
      { numRuns: 500 },
    );
  });

  it("stays in order through many chunks that grow and shrink", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const side = new LevelSide(best);
        const model = new Model();
        let state = seed >>> 0;
        for (let i = 0; i < 12_000; i++) {
          state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
          // First it grows, then it mostly shrinks.
          const isRemoved = (state >>> 8) % 8 < (i < 6_000 ? 1 : 7);
          const each = { price: String((state >>> 12) % 3_000), quantity: isRemoved ? "0" : "1" };
          side.set(each);
          model.set(each);
        }
        expect(side.list()).toEqual(model.list(sign));
        expect(side.at(700)).toEqual(model.list(sign)[700]);
      }),
      { numRuns: 10 },
    );
  });

  it("keeps nothing beyond the edge of what is known", () => {
    fc.assert(
      fc.property(fc.array(level), fc.array(level), price, (before, after, text) => {
        const side = new LevelSide(best);
        const model = new Model();
        for (const each of before) {
          side.set(each);
          model.set(each);
        }
        side.limitToPresent();
        const edge = model.list(sign).at(-1)?.price;
        expect(side.edge).toBe(edge);
        const isKnown = (each: string): boolean =>
          edge === undefined || BigInt(sign) * (valueOf(each) - valueOf(edge)) <= 0n;
        for (const each of after) {
          side.set(each);
          if (isKnown(each.price)) model.set(each);
        }
        expect(side.list()).toEqual(model.list(sign));
        expect(side.knows(text)).toBe(isKnown(text));
      }),
    );
  });

  it("tells a price from one that differs behind the digits of all levels", () => {
    const side = new LevelSide(best);
    side.set({ price: "1", quantity: "5" });
    expect(side.quantityAt("1.000")).toBe("5");
    expect(side.quantityAt("1.00000000000000000001")).toBeUndefined();
    side.set({ price: "1.00000000000000000001", quantity: "6" });
    side.set({ price: "1.0", quantity: "7.50" });
    expect(side.size).toBe(2);
    expect(side.quantityAt("1")).toBe("7.50");
  });

  it.each([
    [{ price: "1e5", quantity: "1" }, "price"],
    [{ price: 1, quantity: "x" }, "price"],
    [{ price: "1.5", quantity: "-1" }, "quantity"],
    [{ price: "1.5", quantity: undefined }, "quantity"],
  ])("changes nothing for a level that cannot be read: %j", (unread, field) => {
    const side = new LevelSide(best);
    const before = side.set({ price: "1", quantity: "1" });
    expect(() => side.set(unread)).toThrow(expect.objectContaining({ field }));
    expect(side.list()).toEqual([before]);
  });

  it("hands out lists that do not change later", () => {
    const side = new LevelSide(best);
    side.set({ price: "1", quantity: "1" });
    const before = side.list();
    side.set({ price: "2", quantity: "1" });
    expect([before.length, side.list().length]).toEqual([1, 2]);
  });
});

it("a side knows whether bids reach asks, whatever the digits of either", () => {
  fc.assert(
    fc.property(
      fc.array(price, { minLength: 1 }),
      fc.array(price, { minLength: 1 }),
      (low, high) => {
        const bids = new LevelSide("high");
        const asks = new LevelSide("low");
        for (const each of low) bids.set({ price: each, quantity: "1" });
        for (const each of high) asks.set({ price: each, quantity: "1" });
        const bid = low.map(valueOf).reduce((one, other) => (one > other ? one : other));
        const ask = high.map(valueOf).reduce((one, other) => (one < other ? one : other));
        expect(bids.reaches(asks)).toBe(bid >= ask);
      },
    ),
    { numRuns: 300 },
  );
});
