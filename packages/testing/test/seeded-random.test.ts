import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeededRandom } from "../src/seeded-random.js";

describe("SeededRandom", () => {
  // From the authors' C code, xoshiro128starstar.c, with the state 1, 2, 3, 4.
  it("is xoshiro128**", () => {
    const random = SeededRandom.fromState("xoshiro128**:00000001-00000002-00000003-00000004");
    const words = Array.from({ length: 10 }, () => random.uint32());
    expect(words).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
      4258142804,
    ]);
  });

  it("gives the same numbers for the same seed, for ever", () => {
    const random = new SeededRandom(42);
    expect(String(random)).toBe("xoshiro128**:20e44818-0895a923-1339a01f-b4e3841a");
    const words = Array.from({ length: 6 }, () => random.uint32());
    expect(words).toEqual([660444221, 3652823732, 77672526, 910233633, 2297337756, 3786072677]);
    expect(new SeededRandom(7).next()).toBe(new SeededRandom(7).next());
    expect(new SeededRandom(7).next()).not.toBe(new SeededRandom(8).next());
  });

  it("gives numbers in [0, 1), and integers below the limit", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, limit) => {
        const random = new SeededRandom(seed);
        for (let draw = 0; draw < 20; draw++) {
          const number = random.next();
          expect(number >= 0 && number < 1).toBe(true);
          const int = random.int(limit);
          expect(Number.isInteger(int) && int >= 0 && int < limit).toBe(true);
        }
      }),
    );
  });

  it("spreads its numbers evenly", () => {
    const random = new SeededRandom(1);
    const counts = Array.from({ length: 10 }, () => 0);
    for (let draw = 0; draw < 10_000; draw++) counts[random.int(10)]! += 1;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it("continues from a printed state", () => {
    const random = new SeededRandom(3);
    random.next();
    const copy = SeededRandom.fromState(String(random));
    expect(copy.next()).toBe(random.next());
    expect(String(copy)).toBe(String(random));
  });

  it("forks into a generator whose use does not change its own numbers", () => {
    const [one, two] = [new SeededRandom(5), new SeededRandom(5)];
    const fork = one.fork();
    for (let draw = 0; draw < 9; draw++) fork.next();
    const other = two.fork();
    expect(one.next()).toBe(two.next());
    expect(String(new SeededRandom(5).fork())).toBe(String(other));
    expect(other.next()).not.toBe(new SeededRandom(5).next());
  });

  it("refuses seeds, states and limits that make no sense", () => {
    for (const seed of [Number.NaN, 0.5, Number.POSITIVE_INFINITY])
      expect(() => new SeededRandom(seed)).toThrow(RangeError);
    for (const state of [
      "",
      "xoshiro128**:0",
      "xoshiro128**:00000000-00000000-00000000-00000000",
    ]) {
      expect(() => SeededRandom.fromState(state)).toThrow(RangeError);
    }
    for (const limit of [0, -1, 1.5, Number.NaN])
      expect(() => new SeededRandom(1).int(limit)).toThrow(RangeError);
  });
});
