import { withRows } from "../client-link.js";
import type { ClientChild, StartedRow } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import type { Spreading } from "../feeder/spread.js";
import type { Plan } from "../plan.js";
import { TRADE_BYTES } from "../plan.js";
import type { Timed } from "../protocol.js";
import { connectionOf, gather } from "./gather.js";
import type { Gathered } from "./gather.js";
import { measureRounds } from "../rounds.js";
import type { Measured } from "../rounds.js";
import { CONNECTION_ROWS, SHAPES } from "../rows.js";
import type { ConnectionRow, Shape } from "../rows.js";

/** What is beside a repeat is the same row with the fewest connections. */
export interface ConnectionCell extends Measured<ConnectionRow, Timed> {
  readonly shape: Shape;
  readonly connections: number;
}

/**
 * Frames in a write, and writes a second, whatever the number of connections: well below
 * saturation, so that nothing piles up.
 */
const SHAPE: Readonly<
  Record<Shape, { readonly framesPerWrite: number; readonly writesPerSecond: number }>
> = {
  single: { framesPerWrite: 1, writesPerSecond: 5_000 },
  bulk: { framesPerWrite: 64, writesPerSecond: 1_000 },
};

/**
 * The row with the fewest connections is measured more often than the others: all of them must have
 * been compiled before.
 */
const WARM_UP: Spreading = {
  size: TRADE_BYTES,
  framesPerWrite: 64,
  writesPerSecond: 4_000,
  writes: 2_000,
};

/** Processor time per frame when the same frames come on one connection, or on many. */
export async function measureConnections(
  { connections }: Plan,
  feeder: FeederLink,
  note: (text: string) => void,
): Promise<ConnectionCell[]> {
  const cells: ConnectionCell[] = [];
  for (const row of CONNECTION_ROWS) {
    note(`connections, ${row}, ${connections.counts.join(", ")}`);
    const counts = connections.counts.map(String);
    const found = await withRows(
      "connections",
      counts,
      [],
      (started) => measureRow(connections, feeder, started),
      row,
    );
    cells.push(...found.map((cell) => ({ ...cell, row })));
  }
  return cells;
}

async function measureRow(
  { counts, repeats, repeatMs }: Plan["connections"],
  feeder: FeederLink,
  started: readonly StartedRow<string>[],
): Promise<Omit<ConnectionCell, "row">[]> {
  const gathered = new Map<string, Gathered>();
  for (const { row: count, child } of started)
    gathered.set(count, await gather(feeder, child, Number(count)));
  const crowd = async (count: string, child: ClientChild, spreading: Spreading): Promise<Timed> => {
    child.tell({
      kind: "receive",
      size: spreading.size,
      count: spreading.writes * spreading.framesPerWrite,
    });
    await child.expect("ready");
    feeder.child.tell({ kind: "spread", ...connectionOf(gathered, count), spreading });
    const [{ kind: _, ...received }] = await Promise.all([
      child.expect("received"),
      feeder.child.expect("flooded"),
    ]);
    return received;
  };
  for (const { row: count, child } of started) await crowd(count, child, WARM_UP);
  const cells: Omit<ConnectionCell, "row">[] = [];
  for (const shape of SHAPES) {
    const { framesPerWrite, writesPerSecond } = SHAPE[shape];
    const writes = Math.round((writesPerSecond * repeatMs) / 1e3);
    const spreading = { size: TRADE_BYTES, framesPerWrite, writesPerSecond, writes };
    const once = (count: string, child: ClientChild): Promise<Timed> =>
      crowd(count, child, spreading);
    const measured = await measureRounds(started, {
      base: String(counts[0]),
      beside: "neighbours",
      warmUp: 1,
      repeats,
      once,
    });
    cells.push(
      ...measured.map(({ row: count, ...cell }) => ({
        ...cell,
        shape,
        connections: Number(count),
      })),
    );
  }
  return cells;
}
