import { median } from "simple-statistics";
import { messageOf, NotAvailable } from "./errors.js";
import type { Conditions, Figure, Row, RowResult, Sample } from "./model.js";

import { firstCount, nextCount, once, prepare } from "./work.js";
import type { Effort, Feeder, Side } from "./work.js";

/** The figures that rows are about, from one round. */
const FIGURES: Readonly<Record<Figure, (sample: Sample) => number | undefined>> = {
  rate: ({ count, elapsedMs }) => (count / elapsedMs) * 1e3,
  perCpu: ({ count, cpuUs }) => (count / cpuUs) * 1e6,
  cpu: ({ cpuUs, count }) => (cpuUs * 1e3) / count,
  p50Us: ({ p50Us }) => p50Us,
  p99Us: ({ p99Us }) => p99Us,
  bytes: ({ bytes }) => bytes,
};

export type Pair = readonly [base: Sample, subject: Sample];

/** Starts the two processes of a row. The caller ends them. */
export type StartPair = () => { readonly base: Side; readonly subject: Side };

/**
 * The one loop that measures everything: fresh processes, rounds that do not count, then rounds in
 * which base and subject do the same work one right after the other, the base first in one round
 * and second in the next. What disturbs the machine for longer than two rounds disturbs both.
 */
export async function measurePairs(
  { processes, warmUps, rounds, roundMs }: Effort,
  start: StartPair,
  feeder: Feeder,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let process = 0; process < processes; process++) {
    const { base, subject } = start();
    const counts = new Map<Side, number>();
    const measure = async (side: Side): Promise<Sample> => {
      const sample = await once(side, feeder, counts.get(side) ?? firstCount(side.work));
      if (round < 0) counts.set(side, nextCount(side.work, sample, roundMs));
      return sample;
    };
    let round = -warmUps;
    try {
      for (const side of [base, subject]) await prepare(side, feeder);
      for (; round < rounds; round++) {
        const isBaseFirst = (process + round) % 2 === 0;
        const before = isBaseFirst ? await measure(base) : undefined;
        const sample = await measure(subject);
        const pair: Pair = [before ?? (await measure(base)), sample];
        if (pair[0].characters !== pair[1].characters)
          throw new Error("the two clients did not read the same strings");
        if (round >= 0) pairs.push(pair);
      }
    } finally {
      await Promise.all([base.child.end(), subject.child.end()]);
    }
  }
  return pairs;
}

/** What was measured, as the rows that are about it show it. */
export function resultsOf(rows: readonly Row[], pairs: readonly Pair[]): RowResult[] {
  return rows.map(({ id, figure }) => ({
    id,
    pairs: pairs.map(([base, subject]) => [
      rounded(FIGURES[figure](base)),
      rounded(FIGURES[figure](subject)),
    ]),
    base: conditionsOf(pairs.map(([base]) => base)),
    subject: conditionsOf(pairs.map(([, subject]) => subject)),
  }));
}

/** The same for what could not be measured. */
export function absentOf(rows: readonly Row[], error: unknown): RowResult[] {
  const expected = error instanceof NotAvailable;
  return rows.map(({ id }) => ({ id, absent: messageOf(error), expected }));
}

function conditionsOf(samples: readonly Sample[]): Conditions {
  const typical = (pick: (sample: Sample) => number): number => rounded(median(samples.map(pick)));
  return {
    faultsPerItem: typical(({ faults, count }) => faults / count),
    // The mean: in short rounds most have none.
    majorsPerSecond: rounded(
      (samples.reduce((sum, { majors }) => sum + majors, 0) /
        samples.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0)) *
        1e3,
    ),
    cpuNsPerItem: typical(({ cpuUs, count }) => (cpuUs * 1e3) / count),
    busy: typical(({ busy }) => busy),
  };
}

/** Four digits: more would say that a benchmark knows them. */
function rounded(value: number | undefined): number {
  return Number((value ?? Number.NaN).toPrecision(4));
}
