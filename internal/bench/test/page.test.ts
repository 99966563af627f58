import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { consoleReport } from "../src/report/console.js";
import { keepRun, newestOf, PAGE, pageOf, README, readRuns } from "../src/report/files.js";
import { historyText } from "../src/report/history.js";
import { performancePage } from "../src/report/page.js";
import { historyPlot, ratiosPlot } from "../src/report/plots.js";
import { readmeBlock, withReadmeBlock } from "../src/report/readme.js";
import { aResult, aRow, aRun, QUIET } from "./support/a-run.js";

const ROWS = [
  aRow({ target: { sense: "at least", bound: 2 }, reason: "The heap is trimmed." }),
  aRow({ id: "owned-64k", label: "64 KiB", target: { sense: "at least", bound: 1 } }),
  aRow({
    id: "latency",
    label: "p50",
    compare: "difference",
    work: { kind: "reset" },
    target: { sense: "at most", bound: 5 },
  }),
  aRow({ id: "bun", label: "Bun" }),
];
const RESULTS = [
  aResult("plain-150", [1.8, 1.9, 2.4]),
  aResult("owned-64k", [1.5, 1.5, 1.5], {
    ...QUIET,
    faultsPerItem: 6.25,
    majorsPerSecond: 12,
    busy: 0.8,
  }),
  aResult("latency", [1.01, 1.02, 1.03]),
  { id: "bun", absent: "there is no bun on the search path", expected: true },
];
const RUN = aRun(RESULTS);

test("the page has every row with range, conditions and verdict, and the misses with reasons", () => {
  const met = aRun([aResult("plain-150", [2.5, 2.5, 2.6])], { node: "24.1.0" });
  const page = performancePage(ROWS, [RUN, met], "performance");
  expect(page).toContain("Node 20: commit abcdef0123, 2026-12-01T10:00Z");
  expect(page).toContain(
    "| ws, take(), 150 B | ≥ 2 | 1.90 [1.80-2.40] | 0.02 (0.02) | 0.00 (0.00) | MISSED " +
      "| 2.50 [2.50-2.60] | 0.02 (0.02) | 0.00 (0.00) | met |",
  );
  expect(page).toContain("| 64 KiB | ≥ 1 | 1.50 [1.50-1.50] | 6.25 (0.02) | 12.0 (0.00) | met |");
  // A difference has its interval, and what is not received has no conditions.
  expect(page).toContain("| p50 | ≤ 5 | +2.00 (+1.00 to +3.00) |  |  | met |");
  expect(page).toContain("**3 of 4 targets are met, 1 missed.**");
  expect(page).toContain("Shown without a target:\n\n| row | Node 20 | Node 24 |");
  expect(page).toContain("- The heap is trimmed. **ws, take(), 150 B** (Node 20).");
  expect(page.replaceAll("\n", " ")).toContain(
    "above one page fault a frame measure the allocator more than the client: 64 KiB (Node " +
      "20: 6.25).",
  );
  expect(page.replaceAll("\n", " ")).toContain("than the clients are: 64 KiB (Node 20: 0.80).");
  expect(page).toContain("- Bun, Node 20: there is no bun on the search path.");
  const prose = page.split("\n").filter((line) => !/^[|!<]/.test(line));
  expect(Math.max(...prose.map(({ length }) => length))).toBeLessThanOrEqual(100);
});

test("a short run, or a busy machine, is called that on the page, in the README and in the shell", () => {
  const busy = { ...RUN, machine: { ...RUN.machine, othersBusy: 0.11 } };
  const pageWith = (run: typeof RUN): string => performancePage(ROWS, [run], "performance");
  expect(pageWith(RUN)).not.toContain("no evidence");
  expect(pageWith({ ...RUN, short: true })).toContain("**This is a short run: it shows");
  expect(pageWith(busy)).toContain("**This is a run on a busy machine: it shows");
  const both = "**This is a short run on a busy machine: it shows";
  expect(pageWith({ ...busy, short: true })).toContain(both);
  expect(readmeBlock([{ ...busy, short: true }])).toContain(both);
  expect(consoleReport(ROWS, [{ ...busy, short: true }])).toContain(both);
});

test("a miss without a known reason says so, and one that is not measured is no miss", () => {
  const [, row] = ROWS;
  if (row === undefined) throw new Error("the row is missing");
  const page = performancePage([row], [aRun([aResult("owned-64k", [0.5])])], "performance");
  expect(page).toContain("- No reason is known. **64 KiB** (Node 20).");
  const none = performancePage([row], [aRun([])], "performance");
  expect(none).toContain("**0 of 0 targets are met, 0 missed.**");
  expect(none).toContain("| 64 KiB | ≥ 1 | not measured | - |");
});

test("the newest run of each Node is on the page, and the history has all of them", () => {
  const later = aRun([aResult("wss-150", [3, 3, 3])], {
    commit: "later00000",
    machine: { ...RUN.machine, date: "2026-12-02T10:00:00.000Z" },
  });
  const on24 = aRun([], { node: "24.1.0" });
  expect(newestOf([on24, RUN, later])).toEqual([later, on24]);
  expect(newestOf([on24, RUN, { ...later, short: true }])).toEqual([RUN, on24]);
  const [header = "", first = "", second = ""] = historyText([RUN, later]).split("\n");
  expect(header).toMatch(/^date +commit +Node +wss-150 +send-150|^date +commit +Node +wss-150/);
  expect(first).toMatch(/^2026-12-01 +abcdef0123 +Node 20 +not measured/);
  expect(second).toMatch(/^2026-12-02 +later00000 +Node 20 +3\.00 \[3\.00-3\.00\]/);
});

test("kept runs are read as they were, the oldest first, and other JSON is refused", async () => {
  const folder = await mkdtemp(join(tmpdir(), "oath-ws-bench-test-"));
  const url = pathToFileURL(`${folder}/`);
  try {
    const later = { ...RUN, commit: "0later", machine: { ...RUN.machine, date: "2027-01-01" } };
    await keepRun({ ...RUN, commit: "short", short: true }, url);
    await keepRun(later, url);
    const file = await keepRun(RUN, url);
    expect(file).toBe(join(folder, "abcdef0123-node20.json"));
    expect(await readRuns(url)).toEqual([RUN, later]);
    await writeFile(join(folder, "package.json"), "{}");
    await expect(readRuns(url)).rejects.toThrow("package.json is no run of this benchmark");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("both plots are drawn as SVG with what was measured", async () => {
  const plot = await ratiosPlot(ROWS, [RUN]);
  expect(plot).toMatch(/^<svg /);
  expect(plot).toContain("ws, take(), 150 B");
  expect(await historyPlot([aRun([aResult("wss-150", [3, 3])])])).toContain("2026-12-01 abcdef0");
});

test("the README's table and the page are what the command writes from the kept runs", async () => {
  const runs = await readRuns();
  expect(runs.length).toBeGreaterThan(0);
  const readme = await readFile(README, "utf8");
  const block = readmeBlock(newestOf(runs));
  expect(readme).toContain(block);
  expect(block.match(/^\| (?!x bare|---)/gm)).toHaveLength(5);
  expect(await readFile(PAGE, "utf8")).toBe(pageOf(runs));
  expect(withReadmeBlock(readme, [RUN])).toContain(readmeBlock([RUN]));
  expect(() => withReadmeBlock("# Nothing", [RUN])).toThrow("no place");
});
