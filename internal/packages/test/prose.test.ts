import { expect, it } from "vitest";
import { problems, wrapComments, wrapMarkdown } from "../../../scripts/prose.js";

const LONG = "word ".repeat(30).trim();

it("the check of prose names lines over 100 columns, and agents without a name", () => {
  expect(problems(`// short\n// ${LONG}`, "code")).toEqual([
    { line: 2, why: "152 columns, 100 allowed" },
  ]);
  expect(problems("// Whoever asks first wins.", "code")).toEqual([
    { line: 1, why: '"Whoever" does not say who acts' },
  ]);
});

it("the check of prose exempts tables, addresses, and titles of tests", () => {
  const address = `See https://example.com/${"a".repeat(90)} for more.`;
  expect(problems(`| ${LONG} |\n${address}`, "markdown")).toEqual([]);
  const fenced = ["```ts", `it("${LONG}", () => {`, LONG, `| ${LONG}`, "```"].join("\n");
  expect(problems(fenced, "markdown").map(({ line }) => line)).toEqual([3, 4]);
  expect(problems(`  it("${LONG}", () => {`, "code")).toEqual([]);
});

it("the check of prose wraps a paragraph and an item of a list, and leaves everything else as it is", () => {
  const title = `# ${"Title ".repeat(20)}`;
  const text = `${title}\n\n${LONG}\n\n- ${LONG}\n  more\n\n| ${LONG} |\n\nshort\nlines`;
  const wrapped = wrapMarkdown(text);
  const lines = wrapped.split("\n");
  expect(lines.filter((line) => line.length > 100 && !/^[#|]/.test(line))).toEqual([]);
  expect(lines.filter((line) => line.startsWith("- "))).toHaveLength(1);
  expect(wrapped.replace(/\s+/g, " ")).toBe(text.replace(/\s+/g, " "));
  expect(wrapMarkdown(wrapped)).toBe(wrapped);
});

it("the check of prose wraps comments behind their prefix, and no code", () => {
  const code = `const a = "${LONG}";`;
  const wrapped = wrapComments(`  // ${LONG}\n${code}\n/** ${LONG} */\nconst b = 1;`);
  expect(wrapped).toContain(code);
  expect(wrapped.split("\n").filter((line) => line.length > 100)).toEqual([code]);
  expect(wrapped).toMatch(/^ {2}\/\/ word[^]*\n\/\*\*\n \* word[^]*\n \*\/\nconst b = 1;$/);
});
