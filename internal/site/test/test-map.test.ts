import { describe, expect, it } from "vitest";
import { codeOf, entriesOf, hasCode, testMap } from "../src/test-map.js";

/** Sources that no test imports, and what runs them instead. */
const RUN_ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^packages\/cli\/page\/src\//, "the page runs in Chromium, by internal/dashboard/test"],
  [
    /^packages\/cli\/src\/dash\/preload\.ts$/,
    "a process, by packages/cli/test/dash/preload.test.ts",
  ],
  [
    /^packages\/cli\/src\/soak\/(clients\/.*|binance-dialect)\.ts$/,
    "processes of the soak, by packages/cli/test/soak",
  ],
];

describe("every source file of the packages", () => {
  const texts = codeOf();
  const map = testMap(texts, entriesOf());

  it("is reached by a test, or is listed with what runs it", () => {
    const unreached = [...map]
      .filter(([file, reaches]) => reaches.length === 0 && hasCode(texts.get(file) ?? ""))
      .map(([file]) => file);
    expect(map.size).toBeGreaterThan(900);
    expect(
      unreached.filter((file) => !RUN_ELSEWHERE.some(([pattern]) => pattern.test(file))),
    ).toEqual([]);
    for (const [pattern] of RUN_ELSEWHERE)
      expect(unreached.some((file) => pattern.test(file))).toBe(true);
  });
});

describe("the map from sources to tests", () => {
  const texts = new Map(
    Object.entries({
      "packages/a/src/index.ts": 'export { one } from "./one.js";\nexport * from "./two.js";\n',
      "packages/a/src/one.ts": 'import { three } from "./three.js";\nexport const one = three;\n',
      "packages/a/src/two.ts": "export function two(): void {}\n",
      "packages/a/src/three.ts": "export const three = 3;\n",
      "packages/a/src/alone.ts": "export const alone = 1;\n",
      "packages/a/src/worker.ts": "const here = 1;\n",
      "packages/a/test/one.test.ts":
        'import { one } from "a";\nimport type { X } from "./alone.js";\n',
      "packages/a/test/two.test.ts":
        'import {\n  type Y,\n  two,\n} from "../src/index.js";\n' +
        'new Worker(new URL("../src/worker.js", import.meta.url));\n',
    }),
  );
  const map = testMap(texts, new Map([["a", "packages/a/src/index.ts"]]));

  it("leads through an index to the file that has the name, and to what that imports", () => {
    const test = "packages/a/test/one.test.ts";
    expect(map.get("packages/a/src/one.ts")).toEqual([{ test, steps: 1 }]);
    expect(map.get("packages/a/src/three.ts")).toEqual([{ test, steps: 2 }]);
    const other = "packages/a/test/two.test.ts";
    expect(map.get("packages/a/src/two.ts")).toEqual([{ test: other, steps: 1 }]);
    expect(map.get("packages/a/src/worker.ts")).toEqual([{ test: other, steps: 1 }]);
  });

  it("takes an import of types for none", () => {
    expect(map.get("packages/a/src/alone.ts")).toEqual([]);
    expect(hasCode("export interface A {\n  readonly b: string;\n}\n")).toBe(false);
    expect(hasCode('export { a } from "./a.js";\n')).toBe(false);
    expect(hasCode("export abstract class A {}\n")).toBe(true);
    expect(hasCode("export async function a() {}\n")).toBe(true);
  });
});
