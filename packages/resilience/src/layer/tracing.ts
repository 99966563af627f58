import type { TraceEvent, Tracer } from "@oath-ws/contract";

/**
 * The outermost layer: what it reports is what the caller gave, before the `AuthSource` adds its secrets, and URLs are
 * shown without credentials and query. A tracer that throws is ignored, so that watching cannot break what is watched.
 */
export function tracing(tracer: Tracer | undefined): (event: TraceEvent) => void {
  if (tracer === undefined) return () => undefined;
  return (event) => {
    try {
      tracer.trace(event);
    } catch {
      // By contract.
    }
  };
}
