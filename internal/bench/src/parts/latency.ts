import { withRows } from "../client-link.js";
import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import type { Plan } from "../plan.js";
import { TRADE_BYTES } from "../plan.js";
import type { Latencies } from "../protocol.js";
import { warmUp } from "./flood.js";
import { connectionOf, gather } from "./gather.js";
import type { Gathered } from "./gather.js";
import { measureRounds } from "../rounds.js";
import type { Measured } from "../rounds.js";
import { BASE_ROW, LATENCY_ROWS } from "../rows.js";
import type { LatencyRow } from "../rows.js";

/** One repeat, with what the pacer says of itself. */
export interface PacedLatencies extends Latencies {
  readonly lateP99Us: number;
}

export interface LatencyCell extends Measured<LatencyRow, PacedLatencies> {
  readonly perSecond: number;
}

/**
 * How old a frame is when the consumer gets it, at an even pace below saturation, and what it
 * costs.
 */
export async function measureLatency(
  { latency }: Plan,
  feeder: FeederLink,
  note: (text: string) => void,
): Promise<LatencyCell[]> {
  return withRows("latency", LATENCY_ROWS, [], async (started) => {
    // The base row is measured more often than the others: all of them must have been compiled
    // before.
    const gathered = new Map<LatencyRow, Gathered>();
    for (const { row, child } of started) {
      const connection = await gather(feeder, child);
      gathered.set(row, connection);
      await warmUp(feeder, child, connection);
    }
    const cells: LatencyCell[] = [];
    for (const perSecond of latency.perSecond) {
      note(`latency, ${perSecond} frames/s`);
      const count = Math.round((perSecond * latency.repeatMs) / 1e3);
      const once = (row: LatencyRow, child: ClientChild): Promise<PacedLatencies> =>
        paced(feeder, child, connectionOf(gathered, row), perSecond, count);
      const measured = await measureRounds(started, {
        base: BASE_ROW,
        beside: "neighbours",
        warmUp: 1,
        repeats: latency.repeats,
        once,
      });
      cells.push(...measured.map((cell) => ({ perSecond, ...cell })));
    }
    return cells;
  });
}

async function paced(
  feeder: FeederLink,
  child: ClientChild,
  { group }: Gathered,
  perSecond: number,
  count: number,
): Promise<PacedLatencies> {
  child.tell({ kind: "latency", count });
  await child.expect("ready");
  feeder.child.tell({ kind: "pace", peer: `${group}/0`, size: TRADE_BYTES, perSecond, count });
  const [{ kind: _, ...latencies }, { lateP99Us }] = await Promise.all([
    child.expect("latencies"),
    feeder.child.expect("paced"),
  ]);
  return { ...latencies, lateP99Us };
}
