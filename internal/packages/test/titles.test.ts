import { join } from "node:path";
import { expect, it } from "vitest";
import { problemOf, problemsIn, titlesOf } from "../../../scripts/titles.js";

it("every title of a test in the repository reads alone", () => {
  expect(problemsIn(join(import.meta.dirname, "../../.."))).toEqual([]);
});

it("the check of titles finds tests behind the suites around them, with conditions and tables", () => {
  const source = [
    'describe.skipIf(!has("a)"))("a gate", () => {',
    "  describe.each<{ readonly a: Map<string, () => void> }>([",
    '    { a: made(/[)"]/) }, // with "one',
    '  ])("with %s", () => {',
    '    it("opens", () => {',
    "    });",
    "  });",
    '  it.for([["x", ")"]] as const)(',
    '    "closes by %s",',
    "    () => {},",
    "  );",
    "});",
    "describe(name, () => {",
    "  it(`is ${told} twice`, () => {});",
    "  it(title, () => {});",
    "});",
    'it("it stands alone", () => {});',
  ].join("\n");
  expect(titlesOf(source)).toEqual([
    { line: 5, path: ["a gate", "with %s", "opens"] },
    { line: 8, path: ["a gate", "closes by %s"] },
    { line: 14, path: ["(a title from code)", "is ${told} twice"] },
    { line: 17, path: ["it stands alone"] },
  ]);
});

it.each([
  [["a gate", "opens again"], undefined],
  [["calls of a feed", "are counted"], undefined],
  [["too", "much weight is told"], undefined],
  [["%s"], undefined],
  [["REST", "tickles"], "fewer than three words"],
  [["its audit sees an event that is lost"], "begins with a pronoun"],
  [["calls its listeners with the reason"], "has no subject"],
  [["keeps the latest thousand gaps"], "has no subject"],
  [["buttons need the token", "and so does reading"], "goes on with another title"],
  [["a gate", `opens ${"again ".repeat(16)}`], "longer than 100 columns"],
])("the check of titles says of %j: %s", (path, problem) => {
  expect(problemOf(path)).toBe(problem);
});
