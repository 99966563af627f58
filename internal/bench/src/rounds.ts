import type { ClientChild, StartedRow } from "./client-link.js";
import { roundOrder } from "./stats.js";

/** All repeats of one row, or why there are none that count. */
export interface Measured<Row extends string, R> {
  readonly row: Row;
  readonly repeats: readonly R[];
  /**
   * The base row's repeats, each the neighbour of this row's repeat at the same place, or of the
   * same round.
   */
  readonly beside: readonly R[];
  readonly failure: string | undefined;
}

/** How many rounds, and what one repeat is. */
export interface Rounds<Row extends string, R> {
  /** What all others are compared with. */
  readonly base: Row;
  /**
   * `neighbours`: the base row is measured next to every other, so several times a round. `once`:
   * every row is measured once a round, for what gets faster the more often it was done, or where
   * time does not matter.
   */
  readonly beside: "neighbours" | "once";
  /** Rounds whose results do not count, for the compiler. Default 0. */
  readonly warmUp?: number;
  readonly repeats: number;
  readonly once: (row: Row, child: ClientChild, counts: boolean) => Promise<R>;
}

interface Cell<Row extends string, R> {
  readonly row: Row;
  readonly child: ClientChild;
  readonly repeats: R[];
  readonly beside: R[];
  failure: string | undefined;
}

/**
 * Measures all rows in turn, round by round: A B C, then C B A. As neighbours, the base row goes
 * first in one round and second in the next, so that whatever disturbs the machine for longer than
 * two repeats disturbs both. A row that failed is left out from then on; without the base row
 * nothing counts.
 */
export async function measureRounds<Row extends string, R>(
  started: readonly StartedRow<Row>[],
  { base, beside, warmUp = 0, repeats, once }: Rounds<Row, R>,
): Promise<Measured<Row, R>[]> {
  const cells = started.map(
    ({ row, child }): Cell<Row, R> => ({ row, child, repeats: [], beside: [], failure: undefined }),
  );
  const baseCell = cells.find(({ row }) => row === base);
  const paired = beside === "neighbours" && cells.length > 1 ? baseCell : undefined;

  const attempt = async (cell: Cell<Row, R>, counts: boolean): Promise<R | undefined> => {
    if (cell.failure !== undefined) return undefined;
    try {
      return await once(cell.row, cell.child, counts);
    } catch (error) {
      cell.failure = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  };

  const pair = async (
    cell: Cell<Row, R>,
    besideCell: Cell<Row, R>,
    baseFirst: boolean,
  ): Promise<void> => {
    if (cell.failure !== undefined) return;
    const before = baseFirst ? await attempt(besideCell, true) : undefined;
    const repeat = await attempt(cell, true);
    const neighbour = baseFirst ? before : await attempt(besideCell, true);
    if (neighbour !== undefined) besideCell.repeats.push(neighbour);
    if (besideCell.failure !== undefined) cell.failure ??= `${base} failed: ${besideCell.failure}`;
    if (repeat === undefined || neighbour === undefined) return;
    cell.repeats.push(repeat);
    cell.beside.push(neighbour);
  };

  for (let round = 0; round < warmUp; round++) for (const cell of cells) await attempt(cell, false);
  for (let round = 0; round < repeats; round++) {
    for (const cell of roundOrder(cells, round)) {
      if (paired !== undefined) {
        if (cell !== paired) await pair(cell, paired, round % 2 === 0);
        continue;
      }
      const repeat = await attempt(cell, true);
      if (repeat !== undefined) cell.repeats.push(repeat);
    }
  }
  return cells.map((cell) => ({
    row: cell.row,
    repeats: cell.repeats,
    beside: paired === undefined || cell === paired ? (baseCell?.repeats ?? []) : cell.beside,
    failure: cell.failure,
  }));
}

/**
 * Rounds whose rows were started anew each time, as one; what is beside a row is the base row of
 * its round.
 */
export function joinRounds<Row extends string, R>(
  rounds: readonly (readonly Measured<Row, R>[])[],
  base: Row,
): Measured<Row, R>[] {
  const [first = []] = rounds;
  const of = (row: Row): Measured<Row, R>[] =>
    rounds.flatMap((round) => round.filter((cell) => cell.row === row));
  return first.map(({ row }) => {
    const parts = of(row);
    return {
      row,
      repeats: parts.flatMap(({ repeats }) => repeats),
      beside: of(base).flatMap(({ repeats }) => repeats),
      failure: parts.find(({ failure }) => failure !== undefined)?.failure,
    };
  });
}
