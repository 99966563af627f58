import { describe, expect, it } from "vitest";
import { PROPERTIES } from "@oath-ws/testing/venue";
import { cardProblems } from "./support/cards.js";
import { anchorsOf, deadLinks, deadPaths } from "./support/links.js";
import { recordProblems } from "./support/records.js";
import { matching, readRepository } from "./support/repository.js";
import type { Repository } from "./support/repository.js";
import { factProblems } from "./support/venue-facts.js";

const repository = readRepository();

/** A repository of these files only. */
function of(files: Readonly<Record<string, string>>): Repository {
  return { paths: new Set(Object.keys(files)), texts: new Map(Object.entries(files)) };
}

describe("links of markdown pages", () => {
  it("lead to files and headings that exist", () => {
    expect(deadLinks(repository)).toEqual([]);
  });

  it("have beside them paths in backticks and comments, which are the ends of paths that exist", () => {
    expect(deadPaths(repository)).toEqual([]);
  });

  it("are found dead by file, by folder and by heading", () => {
    const page =
      "[a](b.md) [b](b.md#two-words) [c](c.md) [d](b.md#no) [e](#here) [f](sub) [g](no)\n";
    const defined = "[x]: b.md#one-1\n[y]: b.md#one-2";
    const files = {
      "docs/a.md": `${page}\n## Here\n\n${defined}\n\`\`\`\n[z](z.md)\n\`\`\`\n`,
      "docs/b.md": "# Two `words`!\n\n## One\n\n## One\n",
      "packages/a.ts":
        "const a = 'docs/no.md';\n  // as docs/a.md says, not docs/z.md\n// see docs/z.md",
      "docs/sub/c.md": "see `src/x.ts`, `sub/c.md` and [w](https://venue.example/w)",
    };
    expect(deadLinks(of(files))).toEqual(
      ["c.md", "b.md#no", "no", "b.md#one-2"].map((target) => `docs/a.md: ${target}`),
    );
    expect(deadPaths(of(files))).toEqual(["packages/a.ts: docs/z.md", "docs/sub/c.md: src/x.ts"]);
    expect(Array.from(anchorsOf(files["docs/b.md"]))).toEqual(["two-words", "one", "one-1"]);
  });
});

describe("venue facts", () => {
  it("are there when they are cited, are cited when they are there, and say how sure they are", () => {
    expect(factProblems(repository.texts)).toEqual([]);
  });

  it("are found to be missing, unused, misplaced, incomplete, or cited without a link", () => {
    const fact = (id: string, used = "the simulator"): string =>
      `### ${id}\n\nIt is so.\n\n- Source: observed\n- Confidence: low\n- Used by: ${used}\n\n`;
    const { texts } = of({
      "docs/venues/binance.md": [
        fact("B-1"),
        fact("B-2"),
        fact("B-3", "background"),
        fact("C-4"),
      ].join(""),
      "docs/venues/ibkr.md": "### I-1\n\nIt may be so.\n\n- Source: rumour\n",
      "packages/a/src/a.ts": "// (B-1, B-9), as C-4 has it",
      "docs/a.md":
        "See B-1, [I-1], [C-4] and [B-1](venues/binance.md#b-1).\n\n[C-4]: " +
        "venues/coinbase.md#c-4\n```ts\n// (C-4)\n```\n",
    });
    expect(factProblems(texts)).toEqual([
      "C-4 belongs into docs/venues/coinbase.md",
      "I-1 has no known source",
      "I-1 has no confidence",
      "I-1 does not say what uses it",
      "packages/a/src/a.ts cites B-9, which is not in docs/venues",
      "docs/a.md cites B-1 without a link",
      "docs/a.md does not define [I-1]",
      "nothing cites B-2",
    ]);
  });
});

describe("decision records", () => {
  it("are in their index with their status, and every one that is named exists", () => {
    expect(recordProblems(repository.texts)).toEqual([]);
  });

  it("are found to be missing in the index, to have another status, or not to exist", () => {
    const { texts } = of({
      "docs/adr/README.md":
        "| [0001](0001-a.md) | accepted | One. |\n| [0002](0002-b.md) | accepted | Two. |\n",
      "docs/adr/0001-a.md":
        "# ADR-0001: A\n\n- Status: superseded by\n  [ADR-0002](0002-b.md)\n- Date: d",
      "docs/adr/0002-b.md": "# ADR-0002: B\n\nStatus: accepted. Date: d.",
      "docs/adr/0003-c.md": "# ADR-0003: C\n\nStatus: accepted. Date: d.",
      "packages/a/src/a.ts": "// (ADR-0004)",
    });
    expect(recordProblems(texts)).toEqual([
      "ADR-0001 is superseded, and its index says accepted",
      "ADR-0003 is not in the index",
      "packages/a/src/a.ts names ADR-0004, which does not exist",
    ]);
  });
});

describe("acceptance cards", () => {
  const ids = PROPERTIES.map(({ id }) => id);
  const page = repository.texts.get("docs/howto/acceptance-cards.md") ?? "";

  it("have every property of the suite, and no other", () => {
    expect(cardProblems(page, ids)).toEqual([]);
  });

  it("are found to lack a property, to name another, and to be counted wrongly", () => {
    const card = (number: number, properties: string): string =>
      `### Card ${number}: it holds\n\n- Suite: ${properties}\n- Tests of your own: none\n\n`;
    expect(cardProblems(`${card(1, "`lag`, `lost`")}${card(3, "none")}`, ["lag", "mute"])).toEqual([
      "card 1 names lost, which is no property",
      "card 3 should be card 2",
      "mute is on no card",
    ]);
    expect(cardProblems("### Card 1: it holds\n", [])).toEqual([
      "card 1 does not say what the suite shows",
      "card 1 does not say what further tests show",
    ]);
  });
});

it("mutation testing names files that exist", async () => {
  const script = new URL("../../mutation/targets.js", import.meta.url).href;
  const { TARGETS } = (await import(script)) as {
    readonly TARGETS: Readonly<Record<string, Readonly<Record<"mutate" | "tests", string[]>>>>;
  };
  const named = Object.values(TARGETS).flatMap(({ mutate, tests }) => [...mutate, ...tests]);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((path) => !path.includes("*") && !repository.paths.has(path))).toEqual([]);
});

it("nothing cites a document that is not in the repository", () => {
  // Numbers of sections alone, and papers that were never part of it.
  const foreign = /\breference \d|\((?:see )?\d\.\d[,):]|\bdesign section\b|\bDESIGN\b/;
  const found = matching(repository.texts, /^(packages|docs|examples)\/|^[^/]+\.md$/).flatMap(
    ([path, text]) =>
      text
        .split("\n")
        .filter((line) => /^\s*(\*|\/\/|\/\*)/.test(line) || path.endsWith(".md"))
        .filter((line) => foreign.test(line))
        .map((line) => `${path}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});
