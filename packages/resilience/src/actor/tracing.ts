import type { ConnectionIdentity, Timer, TraceEvent, Tracer } from "@oath-ws/contract";
import type { Trace } from "../core/trace.js";
import { onRejection } from "../primitives/on-rejection.js";

/** One function for all connections without a tracer. */
const UNTRACED = (): void => undefined;

/**
 * The outermost layer: it gives the tracer what happens to one connection. It sees what the caller
 * gave, before the `AuthSource` adds its secrets, and URLs are shown as their origin only. What the
 * tracer throws, or rejects with, cannot break what is watched: the first such fault is told once.
 */
export function tracing(
  tracer: Tracer | undefined,
  connection: ConnectionIdentity,
  timer: Pick<Timer, "now">,
): Trace {
  if (tracer === undefined) return UNTRACED;
  const state = { hasFailed: false };
  return (event) => tell(tracer, { connection, ...event }, timer, state);
}

function tell(
  tracer: Tracer,
  event: TraceEvent,
  timer: Pick<Timer, "now">,
  state: { hasFailed: boolean },
): void {
  const failed = (error: unknown): void => {
    if (state.hasFailed) return;
    state.hasFailed = true;
    const { connection } = event;
    const fault = { connection, kind: "fault", at: timer.now(), where: "tracer", error } as const;
    tell(tracer, fault, timer, state);
  };
  try {
    onRejection(tracer.trace(event), failed);
  } catch (error) {
    failed(error);
  }
}
