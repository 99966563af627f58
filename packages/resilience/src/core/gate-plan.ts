import type { AttemptLimit } from "./gate.js";

/** An attempt that was made. */
export interface Attempt {
  readonly at: number;
  /** Whether the connection counted as one that stood. */
  readonly proven: boolean;
}

/** A ticket as the plan sees it. */
export interface Waiter {
  readonly limit: AttemptLimit;
  readonly asked: boolean;
  readonly provenUntil: number;
}

/**
 * The rank of a waiter: 0 was cut after it stood, 1 is new or failing, 2 was asked to reconnect and
 * has a socket that works.
 */
export type Rank = 0 | 1 | 2;

export function rankOf(waiter: Waiter, now: number): Rank {
  if (waiter.asked) return 2;
  return now < waiter.provenUntil ? 0 : 1;
}

/** How many slots in a row the first rank gets while several ranks wait; the next is another's. */
const SLOTS_OF_THE_FIRST = 3;

/**
 * Whose turn it is while several ranks wait: the number of slots that went to the first of them
 * since one went to another.
 */
export function turnsAfter(turns: number, toFirst: boolean, severalWait: boolean): number {
  return severalWait && toFirst ? turns + 1 : 0;
}

/** How many of `max` slots connections that never stood may use: the rest is for those that did. */
export function unprovenMax(max: number): number {
  return max - Math.floor(max / 4);
}

/** The waiters of one rank, and which of them is next. */
class Queue<W extends Waiter> {
  readonly #waiters: W[] = [];
  readonly #places: number[] = [];
  #next = 0;

  push(waiter: W, place: number): void {
    this.#waiters.push(waiter);
    this.#places.push(place);
  }

  get head(): W | undefined {
    return this.#waiters[this.#next];
  }

  /** Its head's place in the order of asking; `Infinity` when it is empty. */
  get place(): number {
    return this.#places[this.#next] ?? Number.POSITIVE_INFINITY;
  }

  shift(): W | undefined {
    return this.#waiters[this.#next++];
  }
}

/**
 * Gives every waiter its slot, in the order of their times:
 *
 * - No window of a waiter's own limit holds more than `max` attempts, and no more than
 *   {@link unprovenMax} of those that never stood.
 * - Of those who may go first, the lowest rank goes; within a rank, the one that waits longest.
 * - While several ranks wait, every fourth slot goes to the longest waiting of the other ranks.
 *
 * @param waiters in the order in which they asked
 * @param made the attempts so far, ascending
 */
export function planSlots<W extends Waiter>(
  waiters: readonly W[],
  made: readonly Attempt[],
  blockedUntil: number,
  turns: number,
  now: number,
  assign: (waiter: W, at: number) => void,
): void {
  const queues = queuesOf(waiters, now);
  const all: number[] = [];
  const unproven: number[] = [];
  for (const attempt of fillAnyLimit(waiters, made.length) ? made : []) {
    all.push(attempt.at);
    if (!attempt.proven) unproven.push(attempt.at);
  }
  const earliest = [0, 0, 0];
  let from = Math.max(now, blockedUntil);
  let turn = turns;
  for (let left = waiters.length; left > 0; left--) {
    let at = Number.POSITIVE_INFINITY;
    let first = -1;
    let waiting = 0;
    for (let rank = 0; rank < queues.length; rank++) {
      const head = queues[rank]?.head;
      const time = earliestOf(head, all, unproven, from, now);
      earliest[rank] = time;
      at = Math.min(at, time);
      if (head === undefined) continue;
      if (waiting++ === 0) first = rank;
    }
    let rank = earliest.indexOf(at);
    if (turn >= SLOTS_OF_THE_FIRST) rank = longestWaiting(queues, earliest, at, first) ?? rank;
    const waiter = queues[rank]?.shift();
    if (waiter === undefined) return;
    turn = turnsAfter(turn, rank === first, waiting > 1);
    all.push(at);
    if (now >= waiter.provenUntil) unproven.push(at);
    from = at;
    assign(waiter, at);
  }
}

/** Whether so many attempts, and those of the waiters, are enough to make any of these wait. */
function fillAnyLimit(waiters: readonly Waiter[], made: number): boolean {
  return waiters.some(({ limit }) => made + waiters.length > unprovenMax(limit.max));
}

function queuesOf<W extends Waiter>(waiters: readonly W[], now: number): readonly Queue<W>[] {
  const queues = [new Queue<W>(), new Queue<W>(), new Queue<W>()];
  for (const [place, waiter] of waiters.entries()) queues[rankOf(waiter, now)]?.push(waiter, place);
  return queues;
}

/**
 * The rank behind the first whose head asked before the others', among those who may go at `at`.
 */
function longestWaiting<W extends Waiter>(
  queues: readonly Queue<W>[],
  earliest: readonly number[],
  at: number,
  first: number,
): number | undefined {
  let found: number | undefined;
  for (let rank = first + 1; rank < queues.length; rank++) {
    if (earliest[rank] !== at) continue;
    if (found === undefined || (queues[rank]?.place ?? 0) < (queues[found]?.place ?? 0))
      found = rank;
  }
  return found;
}

function earliestOf(
  waiter: Waiter | undefined,
  all: readonly number[],
  unproven: readonly number[],
  from: number,
  now: number,
): number {
  if (waiter === undefined) return Number.POSITIVE_INFINITY;
  const { max, windowMs } = waiter.limit;
  const free = Math.max(from, freeAt(all, max, windowMs));
  return now < waiter.provenUntil
    ? free
    : Math.max(free, freeAt(unproven, unprovenMax(max), windowMs));
}

/** When a further attempt keeps the limit. */
function freeAt(times: readonly number[], max: number, windowMs: number): number {
  return (times[times.length - max] ?? Number.NEGATIVE_INFINITY) + windowMs;
}
