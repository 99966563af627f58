import { describe, expect, it } from "vitest";
import { connectorConformance } from "../src/connector-conformance.js";
import type { ConformanceHarness } from "../src/conformance/harness.js";
import { mockHarness } from "../src/mock-harness.js";
import { BROKEN_CONNECTORS } from "./support/broken-connectors.js";

function suite(createHarness: () => ConformanceHarness): void {
  for (const { name, run } of connectorConformance(createHarness)) {
    it(name, async (context) => {
      const outcome = await run();
      if (outcome !== "passed") context.skip(outcome);
    });
  }
}

describe("MockConnector conforms", () => suite(() => mockHarness()));

describe("MockConnector without control frames conforms", () =>
  suite(() => mockHarness({ controlFrames: false })));

describe("the suite catches a connector that", () => {
  it.for(BROKEN_CONNECTORS)("$fault", async ({ wrap, caught }) => {
    const cases = connectorConformance(() => mockHarness({ wrap }));
    for (const start of caught) {
      const [found, ...others] = cases.filter(({ name }) => name.startsWith(start));
      expect(found, `a case "${start}..."`).toBeDefined();
      expect(others).toEqual([]);
      await expect(found?.run(), found?.name).rejects.toThrow();
    }
  });
});

describe("the suite", () => {
  it("names every case once", () => {
    const names = connectorConformance(() => mockHarness()).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(25);
  });

  it("says why it skipped a case, and passes the others", async () => {
    const without = (): ConformanceHarness => {
      const harness = mockHarness();
      return {
        ...harness,
        capabilities: { ...harness.capabilities, refusalDetails: false, abruptEnd: false },
      };
    };
    const outcomes = new Map<string, string>();
    for (const { name, run } of connectorConformance(without)) outcomes.set(name, await run());
    const skipped = [...outcomes].filter(([, outcome]) => outcome !== "passed");
    expect(skipped.length).toBeGreaterThan(8);
    expect(new Set(skipped.map(([, outcome]) => outcome))).toEqual(
      new Set([
        "skipped: the case needs refusalDetails",
        "skipped: the case needs abruptEnd",
        "skipped: the case needs !controlFrames",
      ]),
    );
  });

  it("names what a case waited for in vain", async () => {
    const hanging = connectorConformance(() =>
      mockHarness({ wrap: () => ({ connect: () => new Promise(() => {}) }) }),
    );
    const [first] = hanging;
    await expect(first?.run()).rejects.toThrow(
      "waiting for connect(): Error: the promise is pending and nothing is scheduled",
    );
  });
});
