import { execFileSync } from "node:child_process";
import { ROOT, textOf, tracked } from "./repository.js";

/** Where the page is. */
export const TESTED_PAGE = "docs/reference/how-it-is-tested.md";

const HISTORY = /<!-- history -->\n([^]*?)\n<!-- \/history -->/;

/**
 * The page, from the files as they are. What the history of git says is handed in: a checkout need
 * not have all of it.
 */
export function testedPage(history: string): string {
  return `# How oath-ws is tested

Written by \`npm run tested -- --write\` from the files of the repository; a test fails when a
number here is stale. How to run each kind is in [CONTRIBUTING.md](../../CONTRIBUTING.md), and which
test holds which promise is in [ARCHITECTURE.md](../../ARCHITECTURE.md). The command
\`npm run tests-of -- packages/node/src/open.ts\` prints which tests reach that source file.

## Tests by folder

A *title* is a case as it stands in the text. Many titles stand over a table or a suite, so that
more tests run than there are titles: \`npm test\` fails below ${atLeast("usual")} passed tests,
with \`--all\` below ${atLeast("all")}.

${table(["folder", "test files", "of them with random input", "titles"], testsByFolder())}

## Faults that were mended

${history}

## Random tests

Each failure prints the seed that repeats it. An environment variable says how far a test goes;
\`npm test -- --all\`, which continuous integration runs, goes further.

${table(["variable", "usual", "with `--all`", "test"], randomTests())}

## Whole runs in virtual time

The last recorded runs of \`npm run simulate\`, with every invariant checked in each turn, from
[the report](../reports/simulation.md). It also lists the faults that were planted to see whether
the runs find them.

${table(["half", "seeds", "virtual hours", "faults"], simulated())}

## Changed code that tests must notice

The last recorded runs of \`npm run test:mutation\`. What survives is in
[its page](../../internal/mutation/README.md).

${table(["target", "score", "mutants"], mutations())}

## Programs and suites that are not ours

- Servers of Debian, on loopback. What each taught is in
  [internal/servers](../../internal/servers/README.md):
  ${servers()}.
- The codec against npm \`ws\`, frame by frame: \`packages/node/test/direct/differential.test.ts\`.
- The lifecycle as a model that Spin checks: \`internal/servers/test/lifecycle-promela.test.ts\`.
- The packages by \`publint\`, \`attw\`, esbuild and Vite, as a stranger installs them:
  \`npm run packages\`.
- The same faults for ours and nine other clients: [the comparison](../reports/comparison.md).

## Runtimes

Recorded in [the report](../reports/runtimes.md) beside Node 20, on which everything runs:
${runtimes()}.

## What is not covered

- **No real venue.** The adapters meet simulators that are built from
  [facts](../venues/README.md); each fact says how sure it is. A venue that behaves in another way
  than its fact is found by its users.
- **No real network between machines.** Loopback, network namespaces and the virtual network stand
  for it. TLS and the kernel's buffers are judged on loopback only.
- **Windows and macOS** are in the workflow and were not run where these pages were written.
- **Bun and Deno** run the conformance suite of a connector, and not the tests of the packages.
- **Mutation testing** covers the targets above and no other file.
- **Autobahn and web-platform-tests** are not part of any command here.
- **Types** without code are checked by the compiler and the snapshots of the API only.
- **Months of running**: the longest run is in [endurance](../reports/endurance.md).
`;
}

/** What the page says of the history of git. */
export function storedHistory(page: string): string {
  return HISTORY.exec(page)?.[0] ?? "";
}

/** Counts the mended faults in the history, as it is now. */
export function readHistory(): string {
  const log = execFileSync("git", ["log", "--format=%x00%s", "--name-only"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  const fixes = log.split("\0").filter((commit) => /^fix[(:!]/.test(commit));
  const tested = fixes.filter((commit) => /\/test\/.*\.(test\.)?ts$/m.test(commit));
  const date = new Date().toISOString().slice(0, 10);
  return (
    `<!-- history -->\nOn ${date} the history had ${fixes.length} commits that mend a fault; ` +
    `${tested.length} of them changed\na test in the same commit.\n<!-- /history -->`
  );
}

function testsByFolder(): readonly (readonly string[])[] {
  const rows = new Map<string, [files: number, random: number, titles: number]>();
  for (const file of tracked(
    "packages/**/*.test.ts",
    "internal/**/*.test.ts",
    "examples/**/*.test.ts",
  )) {
    const [folder = ""] = /^(packages|internal)\/[^/]+|^examples/.exec(file) ?? [];
    const row = rows.get(folder) ?? [0, 0, 0];
    row[0]++;
    if (/\.(prop|fuzz)\.test\.ts$|(random|chaos)[^/]*$/.test(file)) row[1]++;
    row[2] += textOf(file).match(/^\s*(?:it|test)(?:\.\w+)*(?:\(|`)/gm)?.length ?? 0;
    rows.set(folder, row);
  }
  const sorted = [...rows].sort(([one], [other]) => (one < other ? -1 : 1));
  const sums = [0, 1, 2].map((at) => sorted.reduce((sum, [, row]) => sum + (row[at] ?? 0), 0));
  return [
    ...sorted.map(([folder, row]) => [`\`${folder}\``, ...row.map(String)]),
    ["all", ...sums.map(String)],
  ];
}

function atLeast(kind: "usual" | "all"): string {
  const found = new RegExp(`AT_LEAST = .*\\b${kind}: (\\w+)`).exec(textOf("scripts/verdict.js"));
  if (found?.[1] === undefined) throw new Error(`scripts/verdict.js has no number for "${kind}"`);
  return found[1].replace("_", " ");
}

function randomTests(): readonly (readonly string[])[] {
  const script = textOf("scripts/test.js");
  return tracked("packages/*/test/*.ts", "internal/*/test/*.ts")
    .flatMap((file) =>
      [...textOf(file).matchAll(/process\.env\["(\w+_(?:SEEDS|SECONDS))"\] \?\? "?(\d+)/g)].map(
        ([, name = "", usual = ""]) => {
          const longer = new RegExp(`${name}: "(\\d+)"`).exec(script)?.[1] ?? usual;
          return [`\`${name}\``, usual, longer, `\`${file}\``];
        },
      ),
    )
    .sort(([one = ""], [other = ""]) => (one < other ? -1 : 1));
}

function simulated(): readonly (readonly string[])[] {
  const [section = ""] = /## What was run[^]*?(?=\n## )/.exec(
    textOf("docs/reports/simulation.md"),
  ) ?? [""];
  return [...section.matchAll(/^\| (\w+) \| ([\d ]+) \| ([\d.]+) \| ([\d ]+) \|/gm)].map(
    ([, ...cells]) => cells,
  );
}

function mutations(): readonly (readonly string[])[] {
  return textOf("internal/mutation/README.md")
    .split(/^## /m)
    .flatMap((section) => {
      const [, score = "", mutants = ""] =
        /\*\*([\d.]+%)\*\* of (\d+)\s+mutants/.exec(section) ?? [];
      return score === "" ? [] : [[`\`${section.split(":")[0] ?? ""}\``, score, mutants]];
    });
}

function servers(): string {
  const rows = textOf("internal/servers/README.md").matchAll(/^\| ([^|`]+?) \| `/gm);
  return [...rows].map(([, name]) => name).join(", ");
}

function runtimes(): string {
  const rows = textOf("docs/reports/runtimes.md").matchAll(/^\| (\w+) \| (\d+\.\d+\.\d+) \|/gm);
  return [...rows]
    .map(([, name = "", version]) => `${name.replace(/\d+/, "")} ${version}`)
    .join(", ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) throw new Error(`nothing was found for the table of ${head.join(", ")}`);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
