import { expect, it } from "vitest";
import { AttemptCounts } from "../../src/core/attempt-counts.js";

it("the counter counts attempts by origin, in the order of the first of each", () => {
  const counts = new AttemptCounts();
  expect(counts.list()).toEqual([]);
  for (const origin of ["ws://b", "ws://a", "ws://b", "ws://c", "ws://a", "ws://b"])
    counts.add(origin);
  expect(counts.list()).toEqual([
    { endpoint: "ws://b", count: 3 },
    { endpoint: "ws://a", count: 2 },
    { endpoint: "ws://c", count: 1 },
  ]);
});

it("the counter tells 64 origins apart, and counts the attempts of further ones together", () => {
  const counts = new AttemptCounts();
  for (let round = 0; round < 2; round++)
    for (let i = 0; i < 70; i++) counts.add(`ws://venue-${i}`);
  const list = counts.list();
  expect(list).toHaveLength(65);
  expect(list[63]).toEqual({ endpoint: "ws://venue-63", count: 2 });
  expect(list[64]).toEqual({ endpoint: "other", count: 12 });
});
