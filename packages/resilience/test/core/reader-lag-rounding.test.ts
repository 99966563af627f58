import { expect, it } from "vitest";
import { ReaderLag } from "../../src/core/reader-lag.js";

it("a reader is behind at its deadline, however the sum and the difference are rounded", () => {
  const missed: number[] = [];
  for (let step = 0; step < 2_000; step++) {
    const at = 16_384 - 5_000 + step * 0.087_655_123_396;
    const oldest = { at, elapsedMs: at };
    const lag = new ReaderLag(5_000);
    const deadline = lag.deadline(oldest) ?? Number.NaN;
    if (lag.since(oldest, deadline) === undefined) missed.push(at);
  }
  expect(missed).toEqual([]);
});
