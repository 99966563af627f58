import type { Allocation } from "./parts/allocation.js";
import type { Retained, Timed } from "./protocol.js";
import type { Measured } from "./rounds.js";
import { median, spread } from "./stats.js";
import type { Spread } from "./stats.js";

/** One figure of a repeat. */
export type Pick<R> = (repeat: R) => number;

export const framesPerSecond: Pick<Timed> = ({ frames, elapsedMs }) => (frames / elapsedMs) * 1e3;

/** Processor nanoseconds of the measured process per frame. */
export const cpuNsPerFrame: Pick<Timed> = ({ frames, cpuUs }) => (cpuUs * 1e3) / frames;

/** How long the event loop was busy, per frame. */
export const loopUsPerFrame: Pick<Timed> = ({ frames, loopMs }) => (loopMs * 1e3) / frames;

/**
 * Bytes on the heap and outside of it. The resident set is shown, not judged: the allocator rounds
 * it.
 */
export const heapAndExternal: Pick<Retained> = ({ heap, external }) => heap + external;

type Cell<R> = Measured<string, R>;

export function typical<R>({ repeats }: Cell<R>, pick: Pick<R>): number {
  return median(repeats.map(pick));
}

/**
 * How many times the base row's figure, from repeats that were neighbours in time. `undefined` when
 * nothing was measured.
 */
export function timesBase<R>(cell: Cell<R> | undefined, pick: Pick<R>): Spread | undefined {
  return cell === undefined ? undefined : spread(quotients(cell, pick));
}

/** How much more than the base row's figure, from neighbours. */
export function beyondBase<R>(cell: Cell<R> | undefined, pick: Pick<R>): Spread | undefined {
  return cell && spread(cell.repeats.map((repeat, i) => pick(repeat) - besideOf(cell, i, pick)));
}

/**
 * How many times another row's figure, round by round, each as a share of the base row beside it.
 */
export function timesOther<R>(
  cell: Cell<R> | undefined,
  other: Cell<R> | undefined,
  pick: Pick<R>,
): Spread | undefined {
  if (cell === undefined || other === undefined) return undefined;
  const theirs = quotients(other, pick);
  return spread(
    quotients(cell, pick)
      .slice(0, theirs.length)
      .map((ours, round) => ours / (theirs[round] ?? Number.NaN)),
  );
}

function quotients<R>(cell: Cell<R>, pick: Pick<R>): number[] {
  return cell.repeats.map((repeat, i) => pick(repeat) / besideOf(cell, i, pick));
}

function besideOf<R>({ beside }: Cell<R>, i: number, pick: Pick<R>): number {
  const base = beside[i];
  return base === undefined ? Number.NaN : pick(base);
}

export const clockReadsPerRead: Pick<Allocation> = ({ calls }) => calls.clockReads / calls.reads;

export const objectsPerFrame: Pick<Allocation> = ({ sites }) =>
  sites.reduce((sum, { objects }) => sum + objects, 0);

/**
 * A function that allocates for at least every other frame does so per frame; others do per socket
 * read, or more seldom.
 */
const OF_EVERY_FRAME = 0.5;

/** Objects per frame of those functions alone. */
export const sitesOfEveryFrame: Pick<Allocation> = ({ sites }) =>
  sites
    .filter(({ objects }) => objects >= OF_EVERY_FRAME)
    .reduce((sum, { objects }) => sum + objects, 0);
