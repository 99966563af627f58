import { channel } from "node:diagnostics_channel";
import type { TraceEvent, Tracer } from "@oath-ws/contract";

/** The `node:diagnostics_channel` on which every connection made with `open()` or `build()` publishes its trace events. */
export const TRACE_CHANNEL = "oath-ws:trace";

const traceChannel = channel(TRACE_CHANNEL);

/**
 * Publishes on {@link TRACE_CHANNEL}, and to the caller's own tracer first. With neither listening an event costs one check.
 * A subscriber gets the {@link TraceEvent} as the message.
 */
export function diagnosticsTracer(own: Tracer | undefined): Tracer {
  return {
    trace(event: TraceEvent): void {
      own?.trace(event);
      if (traceChannel.hasSubscribers) traceChannel.publish(event);
    },
  };
}
