import { runFault } from "./run.js";
import type { SoakRun } from "./run.js";
import type { SoakRow } from "./row.js";

/** Runs that may go on at a time: they mostly wait. */
const AT_A_TIME = 8;

/**
 * Drives every run, several at a time; those that load the machine are left for the end, one at a
 * time. A caller that stops reading, or aborts, waits until every process has ended.
 */
export async function* soak(
  runs: readonly SoakRun[],
  signal: AbortSignal,
): AsyncGenerator<SoakRow, void> {
  const isHeavy = ({ fault }: SoakRun): boolean => fault === "slow-consumer" || fault === "burst";
  yield* pool(
    runs.filter((run) => !isHeavy(run)),
    AT_A_TIME,
    signal,
  );
  yield* pool(runs.filter(isHeavy), 1, signal);
}

/** The rows in the order of the runs. */
async function* pool(
  runs: readonly SoakRun[],
  size: number,
  outer: AbortSignal,
): AsyncGenerator<SoakRow, void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const waiting: (() => void)[] = [];
  let free = size;
  const one = async (run: SoakRun): Promise<SoakRow> => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      signal.throwIfAborted();
      return await runFault(run, signal);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
  const begun = runs.map(one);
  // They are read in their order; until its turn a rejection is no news.
  const ended = Promise.allSettled(begun);
  try {
    for (const row of begun) yield await row;
  } finally {
    stop.abort();
    await ended;
  }
}
