import { describe, expect, it } from "vitest";
import { drawDiagrams } from "../src/diagrams.js";
import { llmsText, sectionsOf } from "../src/navigation.js";
import {
  placeOf,
  rewriteLinks,
  SOURCE,
  summaryOf,
  titleOf,
  withoutComments,
} from "../src/pages.js";
import { textOf, tracked } from "../src/repository.js";

const FOLDERS = new Set(["docs/adr", "examples", "docs/topics", "internal/soak", "packages/web"]);
const isFolder = (path: string): boolean => FOLDERS.has(path);

describe("the place of a page on the site", () => {
  it.each([
    ["docs/topics/errors.md", "topics/errors.md"],
    ["docs/adr/README.md", "adr/index.md"],
    ["ARCHITECTURE.md", "project/architecture.md"],
    ["packages/venue-kit/README.md", "packages/venue-kit.md"],
    ["examples/README.md", "start/examples.md"],
    ["README.md", undefined],
    ["internal/soak/README.md", undefined],
  ])("of %s is %s", (file, place) => {
    expect(placeOf(file)).toBe(place);
  });
});

describe("links", () => {
  it.each([
    ["../topics/errors.md#codes", "/topics/errors.md#codes"],
    ["#here", "#here"],
    ["https://example.com/a.md", "https://example.com/a.md"],
    ["../adr", "/adr/index.md"],
    ["../../ARCHITECTURE.md", "/project/architecture.md"],
    ["../../packages/web", "/packages/web.md"],
    ["../../examples", "/start/examples.md"],
    ["../../README.md#packages", "/index.md#packages"],
    ["../topics", `${SOURCE}/tree/main/docs/topics`],
    ["../../internal/soak/", `${SOURCE}/tree/main/internal/soak`],
    ["../../packages/node/src/open.ts", `${SOURCE}/blob/main/packages/node/src/open.ts`],
    ["observe/alerts.yaml", `${SOURCE}/blob/main/docs/howto/observe/alerts.yaml`],
  ])("to %s become %s", (from, to) => {
    const text = `See [a](${from}) and ![b](${from}).\n\n[c]: ${from}\n`;
    expect(rewriteLinks("docs/howto/a.md", text, isFolder)).toBe(
      `See [a](${to}) and ![b](${to}).\n\n[c]: ${to}\n`,
    );
  });

  it("in code stay as they are", () => {
    const text = "`[a](b.md)`\n\n```md\n[a](b.md)\n```\n\n- c\n  ```md\n  [a](b.md)\n  ```\n";
    expect(rewriteLinks("docs/howto/a.md", text, isFolder)).toBe(text);
  });
});

describe("the title and the summary of a page", () => {
  it("are its first heading and its first sentence or more", () => {
    const text =
      "# The `a`\n\n```ts\nb();\n```\n\n| c |\n|---|\n\nIt [is](d.md) so,\nand [so][e].\n";
    expect(titleOf(text)).toBe("The a");
    expect(summaryOf(text)).toBe("It is so, and so.");
    expect(summaryOf("# Only a title\n")).toBe("");
  });
});

describe("the sections", () => {
  const entries = tracked("docs/*.md", "*.md", "packages/*/README.md").flatMap((file) => {
    const place = placeOf(file);
    const text = textOf(file);
    return place === undefined ? [] : [{ place, title: titleOf(text), summary: summaryOf(text) }];
  });

  it("have every page once, in the order of reading, each with a title and a summary", () => {
    const sections = sectionsOf(entries);
    expect(sections.map(({ title }) => title)).toEqual([
      "Start",
      "What you hold",
      "Recipes",
      "Topics",
      "Venues",
      "Reference",
      "Decisions",
      "Reports",
    ]);
    const placed = sections.flatMap((section) => section.entries.map(({ place }) => place));
    expect(placed.sort()).toEqual(entries.map(({ place }) => place).sort());
    for (const { place, title, summary } of entries) {
      expect(title, place).not.toBe("");
      expect(summary.length, place).toBeGreaterThan(10);
    }
    expect(sections[0]?.entries[0]?.place).toBe("start/index.md");
  });

  it("refuse a page that belongs to none of them", () => {
    const lost = { place: "notes/a.md", title: "A", summary: "B." };
    expect(() => sectionsOf([...entries, lost])).toThrow("no section has notes/a.md");
  });

  it("are listed for language models", () => {
    const sections = [{ title: "Start", entries: [{ place: "a.md", title: "A", summary: "B." }] }];
    expect(llmsText("oath-ws", "C.", sections, "https://d.example")).toBe(
      "# oath-ws\n\n> C.\n\n## Start\n\n- [A](https://d.example/a.md): B.\n",
    );
  });
});

describe("the comments of a page", () => {
  it("are removed, and those in code stay", () => {
    const code = "`<!-- a -->`\n\n```html\n<!-- b -->\n```\n";
    expect(withoutComments(`A.\n\n<!-- c \`g\`\nd -->\n\nE. <!-- f -->\n\n${code}`)).toBe(
      `A.\n\n\nE.\n\n${code}`,
    );
  });
});

describe("the diagrams of a page", () => {
  it("become pictures that link to themselves, and other blocks stay", () => {
    const fence = "```";
    const page = `# A\n\n${fence}mermaid\nx --> y\n${fence}\n\n${fence}ts\na();\n${fence}\n`;
    const { text, pictures } = drawDiagrams("adr/0001-a.md", page, (diagram) => `<${diagram}>`);
    const name = "diagrams/adr-0001-a-1.svg";
    expect(text).toBe(
      `# A\n\n[![Diagram 1 of this page](/${name})](../${name}){target="_self"}\n\n` +
        "*Select the picture to see it in full size.*\n\n" +
        `${fence}ts\na();\n${fence}\n`,
    );
    expect([...pictures]).toEqual([["adr-0001-a-1.svg", "<x --> y\n>"]]);
  });
});
