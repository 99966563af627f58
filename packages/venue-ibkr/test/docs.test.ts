import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const EXAMPLES = new URL("examples/", import.meta.url);

/** What stands between the markers of a file, trimmed. */
function regions(file: string): readonly string[] {
  const source = readFileSync(new URL(file, EXAMPLES), "utf8");
  return [...source.matchAll(/\/\/ #region \S+\n(.*?)\/\/ #endregion/gs)].map(([, code = ""]) =>
    code.trim(),
  );
}

it("the README shows every example as it is compiled, and no other", () => {
  const text = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const shown = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code = ""]) => code.trim());
  expect(shown.toSorted()).toEqual(readdirSync(EXAMPLES).flatMap(regions).toSorted());
});
