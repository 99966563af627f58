import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { TraceEvent } from "@oath-ws/contract";
import { expect, it, onTestFinished, vi } from "vitest";
import { diagnosticsTracer, TRACE_CHANNEL } from "../../src/runtime/diagnostics.js";

const connection = { id: "1", name: "venue.test" };

const EVENT: TraceEvent = { connection, kind: "probe", at: 1, silentMs: 2 };

function published(): unknown[] {
  const events: unknown[] = [];
  const listen = (event: unknown): void => void events.push(event);
  subscribe(TRACE_CHANNEL, listen);
  onTestFinished(() => void unsubscribe(TRACE_CHANNEL, listen));
  return events;
}

function warnings(): {
  readonly type?: string;
  readonly message: string;
  readonly detail?: string;
}[] {
  const told: Error[] = [];
  const emit = vi.spyOn(process, "emitWarning").mockImplementation((warning, options) => {
    told.push(Object.assign(new Error(String(warning)), options));
  });
  onTestFinished(() => emit.mockRestore());
  return told;
}

it("a tracer that throws keeps no event from the channel", () => {
  const events = published();
  const tracer = diagnosticsTracer({
    trace: () => {
      throw new Error("bug in the tracer");
    },
  });
  // The stack catches it, and tells of it.
  expect(() => tracer.trace(EVENT)).toThrow("bug in the tracer");
  expect(events).toEqual([EVENT]);
});

const FAULT: TraceEvent = {
  connection,
  kind: "fault",
  at: 1,
  where: "listener",
  error: new Error("a broken listener"),
};

it("a fault that nothing listens for is a process warning", () => {
  const told = warnings();
  diagnosticsTracer(undefined).trace(FAULT);
  diagnosticsTracer(undefined).trace(EVENT);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ type: "OathWsFault" });
  expect(told[0]?.message).toContain("listener of connection venue.test");
  expect(told[0]?.detail).toContain("a broken listener");
});

it("a fault is no warning where a tracer or a subscriber is told, unless it is the tracer's", () => {
  const told = warnings();
  diagnosticsTracer({ trace: () => undefined }).trace(FAULT);
  const events = published();
  diagnosticsTracer(undefined).trace(FAULT);
  expect(events).toEqual([FAULT]);
  expect(told).toEqual([]);
  diagnosticsTracer({ trace: () => undefined }).trace({ ...FAULT, where: "tracer" });
  expect(told).toHaveLength(1);
});

it("a tracer is told with and without a subscriber", () => {
  const own: TraceEvent[] = [];
  const tracer = diagnosticsTracer({ trace: (event) => own.push(event) });
  tracer.trace(EVENT);
  published();
  tracer.trace(EVENT);
  expect(own).toEqual([EVENT, EVENT]);
});
