import type { LifecycleSnapshot, TraceEvent } from "oath-ws";

/** What the lifecycle is judged by. */
export interface LifecycleEvidence {
  readonly trace: readonly TraceEvent[];
  /** As the watcher and the listener saw it, each in its order. */
  readonly seen: readonly (readonly LifecycleSnapshot[])[];
  readonly last: LifecycleSnapshot;
  /** How often the AuthSource was asked. */
  readonly authCalls: number;
}

const TOTALS = [
  "epoch",
  "attempts",
  "staleCount",
  "totalDownMs",
  "totalLagged",
  "totalLaggedBytes",
] as const;

/**
 * Levels and totals say the same as the trace, however rarely it is read. Yields what is
 * wrong.
 */
export function* checkLifecycle({
  trace,
  seen,
  last,
  authCalls,
}: LifecycleEvidence): Generator<string> {
  for (const snapshots of seen) {
    for (const [i, snapshot] of snapshots.entries())
      yield* checkSnapshot(snapshot, snapshots[i - 1]);
    if (snapshots.length > 0 && snapshots.at(-1) !== last)
      yield "a watcher did not see the last snapshot";
  }
  const transitions = trace.filter((event) => event.kind === "transition");
  const moved = transitions.filter(({ from, to }) => to.epoch > from.epoch);
  if (moved.some(({ from, to }) => to.epoch !== from.epoch + 1))
    yield "the epoch moved by more than one";
  if (moved.length !== last.epoch)
    yield `the epoch is ${last.epoch}, but it moved ${moved.length} times`;
  const stale = transitions.filter(({ to }) => to.phase === "stale").length;
  if (stale !== last.staleCount)
    yield `staleCount is ${last.staleCount}, but the phase became stale ${stale} times`;
  if (authCalls !== last.attempts)
    yield `attempts is ${last.attempts}, but the AuthSource was asked ${authCalls} times`;
  if (last.phase !== "closed" || last.exhausted)
    yield `after shutdown the phase is ${last.phase}, exhausted ${last.exhausted}`;
  for (const event of trace) {
    if (event.kind === "fault")
      yield `a fault was traced in ${event.where}: ${String(event.error)}`;
    if (event.kind === "failure" && event.error.code === "INTERNAL")
      yield `INTERNAL: ${String(event.error.cause)}`;
  }
}

function* checkSnapshot(
  snapshot: LifecycleSnapshot,
  before: LifecycleSnapshot | undefined,
): Generator<string> {
  const { phase, epoch, downSince } = snapshot;
  const up = phase === "connected" || phase === "resumed" || phase === "stale";
  if (up !== (downSince === undefined)) yield `phase ${phase} with downSince ${downSince}`;
  if (phase === "connected" && epoch !== 1) yield `connected in epoch ${epoch}`;
  if (phase === "resumed" && epoch < 2) yield `resumed in epoch ${epoch}`;
  if (before === undefined) return;
  for (const key of TOTALS) {
    if (snapshot[key] < before[key]) yield `${key} fell from ${before[key]} to ${snapshot[key]}`;
  }
}
