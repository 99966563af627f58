import { withRows } from "../client-link.js";
import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import { block } from "../payload.js";
import type { Plan } from "../plan.js";
import type { Timed } from "../protocol.js";
import { flood, warmUp } from "./flood.js";
import { connectionOf, gather } from "./gather.js";
import type { Gathered } from "./gather.js";
import { measureRounds } from "../rounds.js";
import type { Measured } from "../rounds.js";
import { BASE_ROW } from "../rows.js";
import type { ReceiveRow } from "../rows.js";

export interface ReceiveCell extends Measured<ReceiveRow, Timed> {
  readonly size: number;
}

/**
 * The first repeats, when nobody knows yet how fast a row is: enough for the compiler to have seen
 * the hot path.
 */
const FIRST_FRAMES = 150_000;
const FIRST_BYTES = 192 * 1024 * 1024;

/** Frames per second, floods of equal frames on a connection that lasts. */
export async function measureReceive(
  plan: Plan,
  feeder: FeederLink,
  note: (text: string) => void,
): Promise<ReceiveCell[]> {
  const cells: ReceiveCell[] = [];
  for (const size of plan.sizes) {
    note(`receive, ${size} B`);
    cells.push(...(await measureSize(plan, feeder, size)));
  }
  return cells;
}

async function measureSize(
  { rows, receive }: Plan,
  feeder: FeederLink,
  size: number,
): Promise<ReceiveCell[]> {
  const toBlocks = (frames: number): number => Math.max(1, Math.round(frames / block(size).frames));
  const measured = await withRows("receive", rows, [], async (started) => {
    const gathered = new Map<ReceiveRow, Gathered>();
    const blocks = new Map<ReceiveRow, number>();
    for (const { row, child } of started) gathered.set(row, await gather(feeder, child));
    const once = async (row: ReceiveRow, child: ClientChild, counts: boolean): Promise<Timed> => {
      const connection = connectionOf(gathered, row);
      const planned = blocks.get(row);
      // Too few large frames come to compile what every frame goes through, save in the base row,
      // which is measured more often.
      if (planned === undefined) await warmUp(feeder, child, connection);
      const first = toBlocks(Math.min(FIRST_FRAMES, FIRST_BYTES / size));
      const received = await flood(feeder, child, connection, size, planned ?? first);
      if (!counts)
        blocks.set(row, toBlocks((received.frames / received.elapsedMs) * receive.repeatMs));
      return received;
    };
    return measureRounds(started, {
      base: BASE_ROW,
      beside: "neighbours",
      warmUp: 2,
      repeats: receive.repeats,
      once,
    });
  });
  return measured.map((cell) => ({ size, ...cell }));
}
