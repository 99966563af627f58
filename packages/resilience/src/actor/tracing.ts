import type { TraceEvent, Tracer } from "@oath-ws/contract";

/** One function for all connections without a tracer. */
const UNTRACED = (): void => undefined;

/**
 * The outermost layer: what it reports is what the caller gave, before the `AuthSource` adds its
 * secrets, and URLs are shown without credentials and query. A tracer that throws is ignored, so
 * that watching cannot break what is watched.
 */
export function tracing(tracer: Tracer | undefined): (event: TraceEvent) => void {
  if (tracer === undefined) return UNTRACED;
  return (event) => {
    try {
      tracer.trace(event);
    } catch {
      // By contract.
    }
  };
}
