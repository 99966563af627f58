import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { TraceEvent } from "@oath-ws/contract";
import { expect, it, onTestFinished } from "vitest";
import { diagnosticsTracer, TRACE_CHANNEL } from "../../src/runtime/diagnostics.js";

const EVENT: TraceEvent = { kind: "probe", at: 1, silentMs: 2 };

function published(): unknown[] {
  const events: unknown[] = [];
  const listen = (event: unknown): void => void events.push(event);
  subscribe(TRACE_CHANNEL, listen);
  onTestFinished(() => void unsubscribe(TRACE_CHANNEL, listen));
  return events;
}

it("a tracer that throws keeps no event from the channel, and is not heard of", () => {
  const events = published();
  const tracer = diagnosticsTracer({
    trace: () => {
      throw new Error("bug in the tracer");
    },
  });
  tracer.trace(EVENT);
  expect(events).toEqual([EVENT]);
});

it("a tracer is told with and without a subscriber", () => {
  const own: TraceEvent[] = [];
  const tracer = diagnosticsTracer({ trace: (event) => own.push(event) });
  tracer.trace(EVENT);
  published();
  tracer.trace(EVENT);
  expect(own).toEqual([EVENT, EVENT]);
});
