import type { TraceEvent } from "@oath-ws/contract";
import { AttemptGate } from "@oath-ws/resilience";
import { expect, it, onTestFinished, vi } from "vitest";
import { openWeb } from "../src/open-web.js";
import { webDiagnostics } from "../src/web-diagnostics.js";
import type { AnnouncedConnection } from "../src/web-diagnostics.js";
import { until } from "./support/connections.js";
import { FakeWebSocket } from "./support/fake-web-socket.js";

async function openFake(options = {}): Promise<ReturnType<typeof openWeb>> {
  const gate = new AttemptGate();
  const all = { WebSocket: FakeWebSocket, gate, awaitFirst: false, ...options };
  const feed = await openWeb("ws://venue.test/", all);
  onTestFinished(() => feed.control.shutdown({ timeoutMs: 0 }));
  return feed;
}

it("the diagnostics tell of each connection and of its events, until it is told to stop", async () => {
  const announced: AnnouncedConnection[] = [];
  const events: TraceEvent["kind"][] = [];
  const ends = [
    webDiagnostics.onConnection((each) => announced.push(each)),
    webDiagnostics.onTrace((event) => events.push(event.kind)),
  ];
  const own: TraceEvent["kind"][] = [];
  const feed = await openFake({ tracer: { trace: (event: TraceEvent) => own.push(event.kind) } });
  expect(announced).toEqual([
    expect.objectContaining({
      endpoint: "ws://venue.test",
      connection: { id: feed.id, name: feed.name },
    }),
  ]);
  await until(feed.lifecycle, ({ attempts }) => attempts === 1);
  const watched = announced[0]?.deref();
  expect(watched?.stats()).toMatchObject({ phase: "connecting" });
  expect(feed.stats()).toMatchObject({ phase: "connecting" });
  expect(events.length).toBeGreaterThan(0);
  expect(events).toEqual(own);
  for (const end of ends) end();
  const before = events.length;
  await openFake();
  expect([announced.length, events.length]).toEqual([1, before]);
});

it("the diagnostics warn of a listener that throws, and serves the others", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  onTestFinished(() => warn.mockRestore());
  const told: string[] = [];
  const ends = [
    webDiagnostics.onConnection(() => {
      throw new Error("broken");
    }),
    webDiagnostics.onConnection(({ connection }) => told.push(connection.name)),
  ];
  const feed = await openFake();
  for (const end of ends) end();
  expect(told).toEqual([feed.name]);
  expect(warn).toHaveBeenCalledWith(expect.stringContaining("listener"), expect.any(Error));
});
