import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { TraceEvent } from "@oath-ws/contract";
import { WebSocketServer } from "ws";
import { expect, it, onTestFinished } from "vitest";
import { build } from "../../src/build.js";
import { open } from "../../src/open.js";
import { CONNECTION_CHANNEL, READER_CHANNEL } from "../../src/runtime/diagnostics.js";
import { nodeRuntime } from "../../src/runtime/node-venue-runtime.js";
import type { ConnectionMessage, ReaderMessage } from "../../src/runtime/diagnostics.js";
import { ReconnectingWebSocket } from "../../src/websocket/reconnecting-web-socket.js";

async function server(): Promise<{ readonly url: string; readonly port: number }> {
  const venue = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => venue.once("listening", resolve));
  onTestFinished(() => {
    for (const client of venue.clients) client.terminate();
    venue.close();
  });
  const { port } = venue.address() as { readonly port: number };
  return { url: `ws://localhost:${port}/listen-key`, port };
}

function announced(): ConnectionMessage[] {
  const messages: ConnectionMessage[] = [];
  const listen = (message: unknown): void => void messages.push(message as ConnectionMessage);
  subscribe(CONNECTION_CHANNEL, listen);
  onTestFinished(() => void unsubscribe(CONNECTION_CHANNEL, listen));
  return messages;
}

it("the channel announces every connection once, with a handle that looks and asks, and holds nothing", async () => {
  const { url, port } = await server();
  const messages = announced();
  const opened = await open(url, { name: "feed" });
  const built = await build().connect({ url, protocols: [], headers: {} }, { name: "feed" });
  const socket = new ReconnectingWebSocket(url);
  await new Promise((resolve) => socket.addEventListener("open", resolve));

  expect(messages.map(({ connection }) => connection.name)).toEqual([
    "feed",
    "feed#2",
    `localhost:${port}`,
  ]);
  const [first] = messages;
  expect(first?.connection).toEqual({ id: opened.id, name: opened.name });
  expect(first?.endpoint).toBe(`ws://localhost:${port}`);
  expect(Object.keys(first ?? {})).toEqual(["connection", "endpoint", "deref"]);
  const seen = first?.deref();
  expect(seen?.lifecycle.snapshot).toBe(opened.lifecycle.snapshot);
  expect(seen?.stats()).toMatchObject({ phase: "connected", totalAttempts: 1 });
  seen?.trigger.forceReconnect("from the channel");
  while (opened.lifecycle.snapshot.epoch < 2)
    await opened.lifecycle.changed({ since: opened.lifecycle.snapshot });
  socket.close();
  await Promise.all([opened.control.shutdown(), built.control.shutdown()]);
});

it("the channel announces a reader with a handle, and only to a program that watches", () => {
  const messages: ReaderMessage[] = [];
  const listen = (message: unknown): void => void messages.push(message as ReaderMessage);
  const reader = { state: "live" };
  const observed = { kind: "topic", name: "trades", endpoint: "wss://venue.example", reader };
  nodeRuntime.observe(observed);
  subscribe(READER_CHANNEL, listen);
  onTestFinished(() => void unsubscribe(READER_CHANNEL, listen));
  nodeRuntime.observe(observed);
  expect(messages).toHaveLength(1);
  const { deref, ...rest } = messages[0] as ReaderMessage;
  expect(rest).toEqual({ kind: "topic", name: "trades", endpoint: "wss://venue.example" });
  expect(deref()).toBe(reader);
});

it.each(["ws", "direct"] as const)(
  "the channel tells the phases of a dial in order: leaf %s",
  async (leaf) => {
    const { url } = await server();
    const events: TraceEvent[] = [];
    const connection = await open(url, {
      transport: leaf,
      tracer: { trace: (event) => void events.push(event) },
    });
    await connection.control.shutdown();
    const phases = events.filter((event) => event.kind === "phase");
    expect(phases.map(({ phase }) => phase)).toEqual(["dns", "tcp", "upgrade"]);
    const times = phases.map(({ elapsedMs }) => elapsedMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    for (const { attempt, at, elapsedMs, connection: whose } of phases) {
      expect(attempt).toBe(1);
      expect(at - elapsedMs).toBe(events[0]?.at);
      expect(whose).toEqual({ id: connection.id, name: connection.name });
    }
    const kinds = events.map(({ kind }) => kind);
    expect(kinds.slice(0, 5)).toEqual(["attempt", "phase", "phase", "phase", "transition"]);
    expect(events.find((event) => event.kind === "opened")).toMatchObject({
      epoch: 1,
      tls: undefined,
    });
  },
);
