import { parseOptions, USAGE } from "./options.js";
import { consoleReport } from "./report/console.js";
import { historyText } from "./report/history.js";
import { keepRun, readRuns, writeReport } from "./report/files.js";
import { selectRows } from "./rows.js";
import { runBench } from "./run.js";
import { findRuntimes } from "./runtimes.js";
import type { Run } from "./model.js";

/**
 * Does what the command line says. Returns the exit code: a row that failed is 1, a miss is not.
 */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const { nodes, bun, only, rounds, quick, task } = parseOptions(argv);
  const note = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  switch (task) {
    case "help":
      print(USAGE);
      return 0;
    case "history":
      print(historyText(await readRuns()));
      return 0;
    case "report":
      note(`wrote ${await writeReport(await readRuns())}`);
      return 0;
    case "measure":
    case "measure and write": {
      const rows = selectRows(only);
      const runs: Run[] = [];
      const runtimes = findRuntimes(nodes, bun);
      try {
        for (const node of runtimes.nodes)
          runs.push(await runBench({ rows, node, bun: runtimes.bun, quick, rounds }, note));
      } finally {
        runtimes.remove();
      }
      print(consoleReport(rows, runs));
      if (task === "measure and write") {
        for (const run of runs) note(`kept ${await keepRun(run)}`);
        note(`wrote ${await writeReport(await readRuns())}`);
      }
      return runs.some(hasFailed) ? 1 : 0;
    }
    default:
      return task satisfies never;
  }
}

function hasFailed({ rows }: Run): boolean {
  return rows.some((row) => "absent" in row && !row.expected);
}
