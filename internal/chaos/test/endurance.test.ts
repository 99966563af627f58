import { describe, expect, it } from "vitest";
import { flatness } from "../src/endurance/sample.js";
import type { Sample } from "../src/endurance/sample.js";

const MIB = 1024 * 1024;

function run(
  heapAt: (index: number) => number,
  handlesAt: (index: number) => number = () => 3,
): readonly Sample[] {
  return Array.from({ length: 21 }, (_, at) => ({
    at,
    heapBytes: heapAt(at),
    rssBytes: 0,
    handles: handlesAt(at),
  }));
}

describe("flatness", () => {
  it("forgives warming up and noise", () => {
    expect(flatness(run((at) => 8 * MIB + (at === 0 ? -3 * MIB : (at % 2) * 100_000))).flat).toBe(
      true,
    );
  });

  it("finds a leak of 50 KiB a sample, and one handle too many", () => {
    expect(flatness(run((at) => 8 * MIB + at * 50 * 1024)).flat).toBe(false);
    expect(
      flatness(
        run(
          () => 8 * MIB,
          (at) => (at > 15 ? 4 : 3),
        ),
      ).flat,
    ).toBe(false);
  });

  it("takes no verdict from a few samples", () => {
    expect(() => flatness(run(() => 1).slice(0, 5))).toThrow("seven samples");
  });
});
