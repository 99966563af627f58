import { setTimeout as pause } from "node:timers/promises";
import type { Count } from "./audit.js";
import type { Remarks, Row } from "./rows.js";
import { Scene } from "./scene.js";

/** What became of one fault. */
export interface RowResult extends Count {
  readonly fault: string;
  /** Trades of the venue a second, as measured. */
  readonly tradesPerSecond: number;
  readonly remarks: Remarks;
  readonly error: string | undefined;
}

/** How long a reader may take to reach the end of what was traded, in milliseconds. */
const SETTLE_MS = 40_000;

/** Runs one row: the fault, a calm time, and the audit. */
export async function runRow(row: Row, seed: number): Promise<RowResult> {
  await using scene = await Scene.open(seed);
  const beganAt = performance.now();
  const { fault } = row;
  try {
    const { reader, remarks } = await row.run(scene);
    await pause(1_500);
    const upTo = scene.lastIds();
    const seconds = (performance.now() - beganAt) / 1_000;
    const trades = Array.from(upTo.values()).reduce((sum, id) => sum + id, 0);
    const limit = performance.now() + SETTLE_MS;
    while (!reader.audit.hasReached(upTo) && performance.now() < limit) await pause(20);
    const tradesPerSecond = Math.round(trades / seconds);
    const count = reader.audit.count(upTo);
    return { fault, ...count, tradesPerSecond, remarks: remarks(), error: undefined };
  } catch (error) {
    const nothing = { delivered: 0, declared: 0, unaccounted: 0, repeated: 0, outOfOrder: 0 };
    return { fault, ...nothing, tradesPerSecond: 0, remarks: {}, error: String(error) };
  }
}
