import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");
const page = readFileSync(join(root, "docs/howto/simulate.md"), "utf8");
const code = readFileSync(join(root, "examples/simulate.ts"), "utf8");

const CODE = /```ts\n([^]*?)```/;
const OUTPUT = /It prints:\n\n```\n([^]*?)```/;

describe("the example of a simulation", () => {
  it("stands in the how-to as it is, in at most 60 lines", () => {
    expect(CODE.exec(page)?.[1]).toBe(code);
    expect(code.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
  });

  it("prints what the how-to says", async () => {
    const program = join(root, "examples/dist/simulate.js");
    const { stdout } = await promisify(execFile)(process.execPath, [program]);
    // The moments depend on every pause of the stack.
    const shape = (text = ""): string => text.replaceAll(/\d+/g, "N");
    expect(shape(stdout)).toBe(shape(OUTPUT.exec(page)?.[1]));
    expect(stdout).toContain("The same seed gave the same run.");
  });
});
