import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { blocksOf } from "../src/blocks.js";
import { codeFaults } from "../src/check-code.js";
import { commandFaults } from "../src/check-commands.js";
import type { Known } from "../src/check-commands.js";
import { BUILD, ROOT, textOf, tracked } from "../src/repository.js";

const pages = tracked("*.md").filter((page) => !page.startsWith(".changeset/"));
const blocks = pages.flatMap((page) => blocksOf(page, textOf(page)));
const sources = tracked("packages/**/*.ts", "examples/**/*.ts", "internal/**/*.ts").map(textOf);

function folderOf(name: string): string {
  const folder = join(BUILD, name);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function scriptsOf(manifest: string): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, manifest), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  return Object.keys(scripts);
}

const known: Known = {
  root: ROOT,
  scripts: scriptsOf("package.json"),
  verbs: [
    .../const COMMANDS[^]*?\n\};/
      .exec(textOf("packages/cli/src/main.ts"))![0]
      .matchAll(/^ {2}(\w+):/gm),
  ].map(([, verb = ""]) => verb),
  packages: [
    ...readdirSync(join(ROOT, "packages")).map((folder) => {
      const text = textOf(`packages/${folder}/package.json`);
      return (JSON.parse(text) as { readonly name: string }).name;
    }),
    "npm",
  ],
};

describe("the code blocks of every page", () => {
  it("are labelled, so that each is checked", () => {
    const languages = new Set(blocks.map(({ language }) => language));
    expect(blocks.length).toBeGreaterThan(100);
    expect([...languages].sort()).toEqual(["", "diff", "js", "mermaid", "sh", "ts"]);
  });

  it("compile, alone or as an excerpt of a program that does", () => {
    const code = blocks.filter(({ language }) => language === "ts" || language === "js");
    expect(codeFaults(code, sources, folderOf("blocks"))).toEqual([]);
  });

  it("say what to install for the packages that recipes and READMEs import or run", () => {
    const recipes = blocks.filter(({ page }) => /^(docs\/howto|packages\/[^/]+)\//.test(page));
    const missing = new Set<string>();
    for (const { page, language, code } of recipes) {
      const installed =
        textOf(page)
          .match(/npm install(?:\\\n|[^\n])*/g)
          ?.join(" ") ?? "";
      const pattern = language === "sh" ? /npx (oath-ws)/g : /from "((?:@oath-ws\/)?[\w-]+)/g;
      if (!["sh", "ts", "js"].includes(language)) continue;
      for (const [, name = ""] of code.matchAll(pattern)) {
        const wanted = language === "sh" ? "@oath-ws/cli" : name;
        const isOurs = wanted === "oath-ws" || wanted.startsWith("@oath-ws/");
        if (isOurs && !installed.split(/\s+/).includes(wanted)) missing.add(`${page}: ${wanted}`);
      }
    }
    expect([...missing]).toEqual([]);
  });

  it("name commands that exist", () => {
    const shell = blocks.filter(({ language }) => language === "sh");
    expect(known.verbs).toContain("tail");
    expect(commandFaults(shell, known)).toEqual([]);
  });
});

describe("the checks", () => {
  it("find a type error, a wrong name and bad syntax, with page and line", () => {
    const page = [
      "# A",
      "```ts",
      'import { open } from "oath-ws";',
      "",
      'const n: number = open("wss://x");',
      "```",
      "- in a list",
      "  ```ts",
      "  missing();",
      "  ```",
      "```ts",
      "const excerpt = elsewhere(1);",
      "```",
      "```ts",
      "const = 1;",
      "```",
      "",
    ].join("\n");
    const faults = codeFaults(
      blocksOf("docs/a.md", page),
      ["function a() {\n    const excerpt = elsewhere(1);\n}"],
      folderOf("faults"),
    );
    expect(faults.map((fault) => /^docs\/a\.md:\d+/.exec(fault)?.[0])).toEqual(
      expect.arrayContaining(["docs/a.md:5", "docs/a.md:9", "docs/a.md:15"]),
    );
    expect(faults.some((fault) => fault.startsWith("docs/a.md:12"))).toBe(false);
  });

  it("find scripts, verbs, packages, files and programs that do not exist", () => {
    const page = [
      "```sh",
      "npm ci && npm run nothing      # npm run neither",
      "npx oath-ws tail wss://x && npx oath-ws listen",
      "FEED_SEEDS=1 npm test | frobnicate",
      "npm install oath-ws not-ours@1",
      "node scripts/test.js \\",
      "  --all",
      "node scripts/gone.js",
      "node --import @oath-ws/cli/dash app.mjs",
      "node --import @oath-ws/cli/gone app.mjs",
      "```",
      "",
    ].join("\n");
    expect(commandFaults(blocksOf("docs/a.md", page), known)).toEqual([
      'docs/a.md:2: there is no command "npm run nothing"',
      'docs/a.md:3: there is no command "npx oath-ws listen"',
      'docs/a.md:4: there is no command "frobnicate"',
      'docs/a.md:5: there is no command "npm install oath-ws not-ours@1"',
      'docs/a.md:7: there is no command "node scripts/gone.js"',
      'docs/a.md:9: there is no command "node --import @oath-ws/cli/gone app.mjs"',
    ]);
  });
});
