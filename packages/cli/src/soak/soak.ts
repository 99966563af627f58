import { runFault } from "./run.js";
import type { SoakRun } from "./run.js";
import type { SoakRow } from "./row.js";

/** Runs that may go on at a time: they mostly wait. */
const AT_A_TIME = 8;

/** Drives every run, several at a time; those that load the machine are left for the end, one at a time. */
export async function* soak(runs: readonly SoakRun[], signal: AbortSignal): AsyncGenerator<SoakRow, void> {
  const heavy = (run: SoakRun): boolean => run.fault === "slow-consumer";
  yield* pool(
    runs.filter((run) => !heavy(run)),
    AT_A_TIME,
    signal,
  );
  yield* pool(runs.filter(heavy), 1, signal);
}

/** The rows in the order of the runs. */
async function* pool(runs: readonly SoakRun[], size: number, signal: AbortSignal): AsyncGenerator<SoakRow, void> {
  const begun: Promise<SoakRow>[] = [];
  let free = size;
  const waiting: (() => void)[] = [];
  const one = async (run: SoakRun): Promise<SoakRow> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free--;
    try {
      return await runFault(run, signal);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
  for (const run of runs) begun.push(one(run));
  try {
    for (const row of begun) yield await row;
  } finally {
    // Whoever stops early has aborted; every process is ended before this is over.
    await Promise.allSettled(begun);
  }
}
