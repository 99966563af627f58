import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { CONNECTION_CHANNEL, open, TRACE_CHANNEL, WsError } from "oath-ws";
import { afterEach, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { instrument } from "../src/index.js";
import { Collected } from "./support/collected.js";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
await once(server, "listening");
const { port } = server.address() as AddressInfo;

afterEach(() => {
  for (const socket of server.clients) socket.terminate();
  server.removeAllListeners("connection");
});

it("a program needs no changed line: real connections are seen from their opening on", async () => {
  const collected = new Collected();
  const telemetry = instrument(collected);
  server.on("connection", (socket) => socket.send("hello"));
  const connection = await open(`ws://127.0.0.1:${port}`, { name: "quotes" });
  for await (const frame of connection.source) {
    expect(frame.text()).toBe("hello");
    break;
  }
  const labels = {
    "oath_ws.connection": "quotes",
    "oath_ws.endpoint": `ws://127.0.0.1:${port}`,
  };
  const value = await collected.values();
  expect(value("oath_ws.connection.received.frames", labels)).toBe(1);
  expect(value("oath_ws.connection.received.bytes", labels)).toBe(5);
  await connection.control.shutdown();
  telemetry.stop();
  expect(collected.ended.map(({ name }) => name)).toEqual(["oath_ws.attempt", "oath_ws.epoch"]);
  expect(collected.ended[0]?.events.map(({ name }) => name)).toEqual(["tcp", "upgrade"]);
});

it("stop() leaves the channels as it found them", () => {
  const watched = (): readonly boolean[] =>
    [CONNECTION_CHANNEL, TRACE_CHANNEL].map((name) => channel(name).hasSubscribers);
  expect(watched()).toEqual([false, false]);
  const telemetry = instrument(new Collected());
  expect(watched()).toEqual([true, true]);
  telemetry.stop();
  telemetry.stop();
  expect(watched()).toEqual([false, false]);
});

it("telemetry exports no secret of a path, query, header, error, payload or close reason, nor an id", async () => {
  const collected = new Collected();
  const telemetry = instrument(collected);
  let refusals = 0;
  const base = `ws://planted-user:planted-password@127.0.0.1:${port}`;
  server.on("connection", (socket) => {
    socket.send("planted-payload");
    socket.close(4001, "planted-reason");
  });
  const connection = await open(`${base}/planted-path?key=planted-query`, {
    headers: { authorization: "Bearer planted-header" },
    auth: {
      authorize: (handshake) => {
        if (refusals++ === 1)
          return Promise.reject(
            new WsError({
              kind: "unknown",
              code: "planted-code",
              message: "planted-message",
              cause: new Error("planted-cause"),
            }),
          );
        return Promise.resolve(handshake);
      },
    },
    config: { backoff: { firstMs: 1, minMs: 1, maxMs: 1 } },
  });
  await connection.sink.send("planted-order").catch(() => undefined);
  while (connection.lifecycle.snapshot.epoch < 2) await connection.lifecycle.changed();
  const refused = await open(`ws://127.0.0.1:1/planted-path?key=planted-query`, {
    awaitFirst: false,
  });
  while (refused.lifecycle.snapshot.cause === undefined) await refused.lifecycle.changed();
  const metrics = JSON.stringify(await collected.metrics());
  await connection.control.shutdown();
  await refused.control.shutdown();
  telemetry.stop();
  expect(collected.ended.length).toBe(collected.started.length);
  const spans = JSON.stringify(
    collected.ended.map(({ name, attributes, events, status, links }) => ({
      name,
      attributes,
      events,
      status,
      links,
    })),
  );
  // It saw them: the failures are there, by kind.
  expect(metrics).toContain("OTHER");
  expect(spans).toContain("ECONNREFUSED");
  for (const exported of [metrics, spans]) {
    expect(exported).not.toContain("planted");
    expect(exported).not.toContain(connection.id);
    expect(exported).not.toContain(refused.id);
  }
});
