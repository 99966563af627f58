import type { TraceEvent } from "@oath-ws/contract";
import type { Supervisor } from "../core/supervisor.js";
import type { RecvBuffer } from "./recv-buffer.js";

/**
 * Puts what the receive buffer has dropped since the last call into the snapshot, to be published:
 * one new snapshot, however many frames it were. Returns the event to trace; `undefined` when
 * nothing was dropped.
 */
export function takeLag(
  recv: Pick<RecvBuffer, "totalLagged" | "totalLaggedBytes">,
  supervisor: Supervisor,
  now: number,
): TraceEvent | undefined {
  const { totalLagged, totalLaggedBytes } = recv;
  const before = supervisor.snapshot;
  const frames = totalLagged - before.totalLagged;
  if (frames === 0) return undefined;
  supervisor.lagged(totalLagged, totalLaggedBytes);
  return { kind: "lag", at: now, frames, bytes: totalLaggedBytes - before.totalLaggedBytes };
}
