import { withRows } from "../client-link.js";
import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import { block } from "../payload.js";
import type { Plan } from "../plan.js";
import type { Timed } from "../protocol.js";
import { flood } from "./flood.js";
import { measureRounds } from "../rounds.js";
import type { Measured } from "../rounds.js";
import { BASE_ROW } from "../rows.js";
import type { ReceiveRow } from "../rows.js";

export interface ReceiveCell extends Measured<ReceiveRow, Timed> {
  readonly size: number;
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

async function measureSize({ rows, receive }: Plan, feeder: FeederLink, size: number): Promise<ReceiveCell[]> {
  const framesPerBlock = block(size).frames;
  const toBlocks = (frames: number): number => Math.max(1, Math.round(frames / framesPerBlock));
  const blocks = new Map<ReceiveRow, number>();
  const once = async (row: ReceiveRow, child: ClientChild, counts: boolean): Promise<Timed> => {
    const planned = blocks.get(row) ?? toBlocks(Math.min(FIRST_FRAMES, FIRST_BYTES / size));
    const received = await flood(feeder, child, size, planned);
    if (!counts) blocks.set(row, toBlocks((received.frames / received.elapsedMs) * receive.repeatMs));
    return received;
  };
  const measured = await withRows("receive", rows, [], (started) =>
    measureRounds(started, { base: BASE_ROW, beside: "neighbours", warmUp: 2, repeats: receive.repeats, once }),
  );
  return measured.map((cell) => ({ size, ...cell }));
}
