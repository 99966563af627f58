import { describe, expect, it } from "vitest";
import { shrink } from "../src/shrink.js";

const items = Array.from({ length: 100 }, (_, i) => i);

describe("shrink", () => {
  it.each([{ needed: [42] }, { needed: [0, 99] }, { needed: [3, 50, 51] }])(
    "finds the items that it takes: $needed",
    async ({ needed }) => {
      const fails = (candidate: readonly number[]): Promise<boolean> =>
        Promise.resolve(needed.every((item) => candidate.includes(item)));
      expect(await shrink(items, fails, { maxTries: 1_000 })).toEqual(needed);
    },
  );

  it("keeps to its bound, and returns a list that did fail", async () => {
    const failed: (readonly number[])[] = [items];
    let tries = 0;
    const fails = (candidate: readonly number[]): Promise<boolean> => {
      tries++;
      if (candidate.includes(7)) failed.push(candidate);
      return Promise.resolve(candidate.includes(7));
    };
    const found = await shrink(items, fails, { maxTries: 5 });
    expect(tries).toBe(5);
    expect(failed).toContain(found);
  });

  it("leaves a list alone that does not fail again", async () => {
    expect(await shrink(items, () => Promise.resolve(false), { maxTries: 1_000 })).toBe(items);
  });
});
