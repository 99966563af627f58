import { withRows } from "../client-link.js";
import type { ClientChild } from "../client-link.js";
import type { FeederLink } from "../feeder-link.js";
import type { Plan } from "../plan.js";
import { LATENCY_BYTES } from "../plan.js";
import type { Latencies } from "../protocol.js";
import { LATENCY_ROWS } from "../rows.js";
import type { LatencyRow } from "../rows.js";
import { roundOrder } from "../stats.js";

/** One repeat, with what the pacer says of itself. */
export interface PacedLatencies extends Latencies {
  readonly lateP99Us: number;
}

export interface LatencyCell {
  readonly row: LatencyRow;
  readonly perSecond: number;
  readonly repeats: readonly PacedLatencies[];
  readonly failure: string | undefined;
}

/** How old a frame is when the consumer gets it, at an even pace far below saturation. */
export async function measureLatency(plan: Plan, feeder: FeederLink, note: (text: string) => void): Promise<LatencyCell[]> {
  return withRows("latency", LATENCY_ROWS, [], async (started) => {
    const cells: LatencyCell[] = [];
    for (const perSecond of plan.latency.perSecond) {
      note(`latency, ${perSecond} frames/s`);
      const count = Math.round((perSecond * plan.latency.repeatMs) / 1e3);
      const found = new Map(
        started.map(({ row }) => [row, { repeats: [] as PacedLatencies[], failure: undefined as string | undefined }]),
      );
      // The first round is warm-up.
      for (let round = -1; round < plan.latency.repeats; round++) {
        for (const { row, child } of roundOrder(started, round + 1)) {
          const cell = found.get(row);
          if (cell === undefined || cell.failure !== undefined) continue;
          try {
            const repeat = await measureOnce(feeder, child, perSecond, count);
            if (round >= 0) cell.repeats.push(repeat);
          } catch (error) {
            cell.failure = error instanceof Error ? error.message : String(error);
          }
        }
      }
      for (const [row, cell] of found) cells.push({ row, perSecond, ...cell });
    }
    return cells;
  });
}

async function measureOnce(feeder: FeederLink, child: ClientChild, perSecond: number, count: number): Promise<PacedLatencies> {
  const { url, peer } = feeder.url();
  child.tell({ kind: "latency", url, count });
  await child.expect("ready");
  feeder.child.tell({ kind: "pace", peer, size: LATENCY_BYTES, perSecond, count });
  const [latencies, { lateP99Us }] = await Promise.all([child.expect("latencies"), feeder.child.expect("paced")]);
  const { p50Us, p90Us, p99Us, maxUs } = latencies;
  return { p50Us, p90Us, p99Us, maxUs, lateP99Us };
}
