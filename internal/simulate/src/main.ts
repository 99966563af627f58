// Simulates the stack from seeds, in virtual time. See README.md, or run it with --help.
import { runBatch } from "./batch/batch.js";
import type { BatchResult } from "./batch/batch.js";
import { hashOf } from "./core/trace.js";
import { parseOptions, USAGE } from "./options.js";
import type { Options } from "./options.js";
import { commitName } from "./report/commit.js";
import { failureText } from "./report/failure.js";
import { figuresTable } from "./report/figures.js";
import { summaryLines, violationLines } from "./report/summary-lines.js";
import { shrink } from "./shrink/shrink.js";
import { simulationOf } from "./simulations.js";

const HOUR_MS = 3_600_000;

function say(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

async function main(options: Options): Promise<number> {
  const batches: BatchResult[] = [];
  for (const half of options.halves) {
    const batch = await runBatch({ ...options, half });
    batches.push(batch);
    say(...(options.isQuiet ? [] : summaryLines(batch)), ...violationLines(batch));
    await tellFirstFailure(batch, options);
  }
  const broken = batches.flatMap(({ results }) =>
    results.filter(({ violation }) => violation !== undefined),
  );
  if (!options.isQuiet) say("", ...figuresTable(batches));
  if (options.isJson || options.isQuiet) {
    const virtualMs = batches.reduce((sum, batch) => sum + batch.virtualMs, 0);
    say(
      JSON.stringify({
        firstViolation: broken[0]?.seed ?? null,
        seeds: batches.reduce((sum, { results }) => sum + results.length, 0),
        violations: broken.length,
        unreached: batches.flatMap(({ half, unreached }) =>
          unreached.map((name) => `${half}: ${name}`),
        ),
        traceHash: hashOf(batches.map(({ half, traceHash }) => `${half} ${traceHash}`)),
        virtualHours: Number((virtualMs / HOUR_MS).toFixed(2)),
      }),
    );
  }
  return broken.length === 0 ? 0 : 1;
}

async function tellFirstFailure(batch: BatchResult, options: Options): Promise<void> {
  const first = batch.results.find(({ violation }) => violation !== undefined);
  if (first === undefined || options.isQuiet || !options.shrinks) return;
  const simulation = simulationOf(batch.half);
  const shrunk = await shrink(simulation, simulation.plan(first.seed, options.without));
  say("", failureText(shrunk, commitName()));
}

if (process.argv.includes("--help")) {
  say(USAGE);
} else {
  try {
    process.exitCode = await main(parseOptions(process.argv.slice(2)));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    process.exitCode = 2;
  }
  // A run ends with its first violation, and may leave servers behind that Node waits for.
  process.stdout.write("", () => process.exit());
}
