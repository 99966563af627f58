import { channel } from "node:diagnostics_channel";
import type { TraceEvent, Tracer } from "@oath-ws/contract";

/**
 * The `node:diagnostics_channel` on which every connection made with `open()` or `build()`
 * publishes its trace events.
 */
export const TRACE_CHANNEL = "oath-ws:trace";

const traceChannel = channel(TRACE_CHANNEL);

/**
 * Publishes on {@link TRACE_CHANNEL}, then to the caller's own tracer. With neither listening an
 * event costs one check. A subscriber gets the {@link TraceEvent} as the message. Neither can keep
 * an event from the other: what a subscriber throws Node turns into an `uncaughtException` later,
 * and what the tracer throws is ignored.
 */
export function diagnosticsTracer(own: Tracer | undefined): Tracer {
  if (own === undefined) return channelTracer;
  return {
    trace(event: TraceEvent): void {
      channelTracer.trace(event);
      try {
        own.trace(event);
      } catch {
        // By the contract of Tracer.
      }
    },
  };
}

const channelTracer: Tracer = {
  trace(event: TraceEvent): void {
    if (traceChannel.hasSubscribers) traceChannel.publish(event);
  },
};
