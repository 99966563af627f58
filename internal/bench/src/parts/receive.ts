import { withRows } from "../client-link.js";
import type { ClientChild, StartedRow } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import { block } from "../payload.js";
import type { Plan } from "../plan.js";
import { TRADE_BYTES } from "../plan.js";
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

/** How much longer a repeat of large frames takes: what a new connection leaves in the heap sets off collections, which few frames have to pay for. */
const LARGE_REPEATS = 3;

/** Frames per second on one connection, floods of equal frames. */
export async function measureReceive(plan: Plan, feeder: FeederLink, note: (text: string) => void): Promise<ReceiveCell[]> {
  const cells: ReceiveCell[] = [];
  for (const size of plan.sizes) {
    note(`receive, ${size} B`);
    cells.push(...(await measureSize(plan, feeder, size)));
  }
  return cells;
}

/** Connections for the warm-up of large frames: the compiler's first guesses are about one, and do not hold for the next. */
const WARM_UP_CONNECTIONS = 4;

async function warmUp(feeder: FeederLink, started: readonly StartedRow<ReceiveRow>[]): Promise<void> {
  const blocks = Math.round(FIRST_FRAMES / block(TRADE_BYTES).frames);
  for (let connection = 0; connection < WARM_UP_CONNECTIONS; connection++) {
    for (const { child } of started) await flood(feeder, child, TRADE_BYTES, blocks);
  }
}

async function measureSize({ rows, receive }: Plan, feeder: FeederLink, size: number): Promise<ReceiveCell[]> {
  const framesPerBlock = block(size).frames;
  const toBlocks = (frames: number): number => Math.max(1, Math.round(frames / framesPerBlock));
  const large = FIRST_BYTES / size < FIRST_FRAMES;
  const repeatMs = large ? receive.repeatMs * LARGE_REPEATS : receive.repeatMs;
  const blocks = new Map<ReceiveRow, number>();
  const once = async (row: ReceiveRow, child: ClientChild, counts: boolean): Promise<Timed> => {
    const planned = blocks.get(row) ?? toBlocks(Math.min(FIRST_FRAMES, FIRST_BYTES / size));
    const received = await flood(feeder, child, size, planned);
    if (!counts) blocks.set(row, toBlocks((received.frames / received.elapsedMs) * repeatMs));
    return received;
  };
  const measured = await withRows("receive", rows, [], async (started) => {
    // Too few large frames come to compile what every frame goes through, save in the base row, which is measured more often.
    if (large) await warmUp(feeder, started);
    return measureRounds(started, { base: BASE_ROW, beside: "neighbours", warmUp: 2, repeats: receive.repeats, once });
  });
  return measured.map((cell) => ({ size, ...cell }));
}
