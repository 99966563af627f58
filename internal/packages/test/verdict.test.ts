import { describe, expect, it } from "vitest";

interface Verdict {
  readonly outcomeOf: (
    step: { readonly counts?: boolean },
    status: number | null,
    isRequired: boolean,
  ) => string;
  readonly undeclaredSkips: (report: unknown) => readonly string[];
  readonly shortfallOf: (passed: number, isAll: boolean) => string | undefined;
}

// The script runs before anything is built, and is plain JavaScript therefore.
const script = new URL("../../../scripts/verdict.js", import.meta.url).href;
const { outcomeOf, undeclaredSkips, shortfallOf } = (await import(script)) as Verdict;

describe("a step of the whole check", () => {
  const program = { counts: true };

  it.each([
    ["passes with 0", program, 0, true, "passed"],
    ["fails with 1", program, 1, false, "failed"],
    ["fails when a signal ended it", program, null, false, "failed"],
    ["may be skipped by a program on a newcomer's machine", program, 77, false, "skipped"],
    ["has failed when it could not run where everything is required", program, 77, true, "failed"],
    ["is never skipped if it is a tool", {}, 77, false, "failed"],
  ])("%s", (_, step, status, isRequired, outcome) => {
    expect(outcomeOf(step, status, isRequired)).toBe(outcome);
  });
});

describe("the tests", () => {
  const report = (name: string, status: string): unknown => ({
    testResults: [{ name, assertionResults: [{ status, fullName: "a b" }] }],
  });

  it.each(["pending", "skipped", "todo", "disabled"])(
    "may not be %s where all is required",
    (s) => {
      expect(undeclaredSkips(report("packages/node/test/tls/proxy.test.ts", s))).toEqual([
        "packages/node/test/tls/proxy.test.ts: a b",
      ]);
    },
  );

  it("may say of a conformance suite that a case does not apply", () => {
    for (const name of [
      "packages/web/test/conformance.test.ts",
      "packages\\testing\\test\\connector-conformance.test.ts",
      "packages/testing/test/examples/write-a-connector.test.ts",
      "internal/venue-conformance/test/venues.test.ts",
    ])
      expect(undeclaredSkips(report(name, "pending")), name).toEqual([]);
    expect(undeclaredSkips(report("packages/a/test/b.test.ts", "passed"))).toEqual([]);
  });

  it("have a floor under their number", () => {
    expect(shortfallOf(0, false)).toMatch(/^only 0 tests passed, and at least \d{4,} have to/);
    expect(shortfallOf(7_000, true)).toBeDefined();
    expect(shortfallOf(1_000_000, true)).toBeUndefined();
  });
});
