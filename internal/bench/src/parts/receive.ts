import { withRows } from "../client-link.js";
import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import { block } from "../payload.js";
import type { Plan } from "../plan.js";
import type { Received } from "../protocol.js";
import type { ReceiveRow } from "../rows.js";
import { roundOrder } from "../stats.js";

/** All repeats of one row at one size, or why there are none. */
export interface ReceiveCell {
  readonly row: ReceiveRow;
  readonly size: number;
  readonly repeats: readonly Received[];
  readonly failure: string | undefined;
}

/** The first repeats, when nobody knows yet how fast a row is: enough for the compiler to have seen the hot path. */
const FIRST_FRAMES = 150_000;
const FIRST_BYTES = 192 * 1024 * 1024;

/** Frames per second on one connection, floods of equal frames. */
export async function measureReceive(plan: Plan, feeder: FeederLink, note: (text: string) => void): Promise<ReceiveCell[]> {
  const cells: ReceiveCell[] = [];
  for (const size of plan.sizes) {
    note(`receive, ${size} B`);
    cells.push(...(await measureSize(plan, feeder, size)));
  }
  return cells;
}

async function measureSize(plan: Plan, feeder: FeederLink, size: number): Promise<ReceiveCell[]> {
  const framesPerBlock = block(size).frames;
  const toBlocks = (frames: number): number => Math.max(1, Math.round(frames / framesPerBlock));
  return withRows("receive", plan.rows, [], async (started) => {
    const cells = new Map<ReceiveRow, { repeats: Received[]; failure: string | undefined; blocks: number }>();
    const attempt = async (row: ReceiveRow, child: ClientChild, counts: boolean): Promise<void> => {
      const cell = cells.get(row);
      if (cell === undefined || cell.failure !== undefined) return;
      try {
        const received = await measureOnce(feeder, child, size, cell.blocks, framesPerBlock);
        if (counts) cell.repeats.push(received);
        else cell.blocks = toBlocks((received.frames / received.elapsedMs) * plan.receive.repeatMs);
      } catch (error) {
        cell.failure = error instanceof Error ? error.message : String(error);
      }
    };
    for (const { row } of started) {
      cells.set(row, { repeats: [], failure: undefined, blocks: toBlocks(Math.min(FIRST_FRAMES, FIRST_BYTES / size)) });
    }
    for (let round = 0; round < 2; round++) for (const { row, child } of started) await attempt(row, child, false);
    for (let round = 0; round < plan.receive.repeats; round++) {
      for (const { row, child } of roundOrder(started, round)) await attempt(row, child, true);
    }
    return started.map(({ row }) => ({ row, size, repeats: cells.get(row)?.repeats ?? [], failure: cells.get(row)?.failure }));
  });
}

async function measureOnce(
  feeder: FeederLink,
  child: ClientChild,
  size: number,
  blocks: number,
  framesPerBlock: number,
): Promise<Received> {
  const { url, peer } = feeder.url();
  child.tell({ kind: "receive", url, size, count: blocks * framesPerBlock });
  await child.expect("ready");
  feeder.child.tell({ kind: "flood", peer, size, blocks });
  const [received] = await Promise.all([child.expect("received"), feeder.child.expect("flooded")]);
  return received;
}
