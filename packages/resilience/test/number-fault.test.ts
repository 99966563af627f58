import { expect, it } from "vitest";
import { numberFault } from "../src/number-fault.js";

it.each([
  [{}, 1, undefined],
  [{}, "canary", "must be a number, got string"],
  [{}, null, "must be a number, got null"],
  [{}, ["canary"], "must be a number, got an array"],
  [{}, Number.NaN, "must be finite, got NaN"],
  [{}, -Infinity, "must be finite, got -Infinity"],
  [{ whole: true }, 1.5, "must be a whole number, got 1.5"],
  [{ whole: true }, 2 ** 53, "must be a whole number, got 9007199254740992"],
  [{ min: 0 }, 0, undefined],
  [{ min: 0 }, -1, "must be at least 0, got -1"],
  [{ above: 0 }, 0.1, undefined],
  [{ above: 0 }, 0, "must be above 0, got 0"],
  [{ max: 3 }, 3, undefined],
  [{ max: 3 }, 4, "must be at most 3, got 4"],
])("within %j, %j: %s", (range, value, message) => {
  expect(numberFault(range, value)).toBe(message);
});
