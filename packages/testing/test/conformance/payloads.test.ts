import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { noise, prose } from "../../src/conformance/payloads.js";

it("noise is repeatable, differs by salt and does not compress", () => {
  expect(noise(1000, 3)).toEqual(noise(1000, 3));
  expect(noise(1000, 3)).not.toEqual(noise(1000, 4));
  expect(gzipSync(noise(100_000)).length).toBeGreaterThan(95_000);
});

it("prose has the length that was asked for", () => {
  for (const length of [0, 1, 22, 23, 1000]) expect(prose(length)).toHaveLength(length);
});
