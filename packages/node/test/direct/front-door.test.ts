import { once } from "node:events";
import { build, isConfigError, open } from "oath-ws";
import type { ReceivedFrame } from "oath-ws";
import { expect, it } from "vitest";
import type { WebSocket } from "ws";
import { ReconnectingWebSocket } from "../../src/websocket/index.js";
import { wsServer } from "../support/connections.js";
import { thrownBy } from "../websocket/support/server.js";

it("open() with the direct leaf delivers, answers pings, sends, and comes back after a reset", async () => {
  const { url, server } = await wsServer();
  const accepted = (): Promise<[WebSocket]> => once(server, "connection") as Promise<[WebSocket]>;
  const first = accepted();
  await using connection = await open(url, { leaf: "direct", config: { backoff: { minMs: 1 } } });
  let [peer] = await first;
  const pong = once(peer, "pong");
  peer.ping("are you there");
  expect(String((await pong)[0])).toBe("are you there");
  peer.send("one");
  const next = async (): Promise<ReceivedFrame | undefined> => {
    await connection.source.readable();
    return connection.source.take();
  };
  expect(await next()).toMatchObject({ kind: "text", epoch: 1, seq: 1 });
  const second = accepted();
  (peer as unknown as { _socket: { resetAndDestroy(): void } })._socket.resetAndDestroy();
  [peer] = await second;
  peer.send("two");
  const frame = await next();
  expect([frame?.text(), frame?.epoch, frame?.seq]).toEqual(["two", 2, 2]);
  const message = once(peer, "message");
  await connection.sink.send("back");
  expect(String((await message)[0])).toBe("back");
});

it.each([
  ["tcp", 'must be "ws" or "direct", got "tcp"'],
  ["toString", 'must be "ws" or "direct", got "toString"'],
  [7, 'must be "ws" or "direct", got number'],
  [null, 'must be "ws" or "direct", got null'],
])("an unknown leaf, %j, is one issue among the others", async (leaf, message) => {
  const options = { leaf, ws: { autoPong: true } } as never;
  const errors = [
    thrownBy(() => build(options)),
    await open("ws://127.0.0.1:1/", options).catch((error: unknown) => error),
    thrownBy(() => new ReconnectingWebSocket("ws://127.0.0.1:1/", [], options)),
  ];
  for (const error of errors) {
    if (!isConfigError(error)) throw error;
    expect(error.issues.map(({ path }) => path).toSorted()).toEqual(["leaf", "ws.autoPong"]);
    expect(error.issues).toContainEqual({ path: "leaf", message });
  }
});

it("the leaf's own issues are in the one error too", () => {
  const error = thrownBy(() =>
    build({ leaf: "direct", ws: { perMessageDeflate: { concurrencyLimit: 2 } } }),
  );
  expect(isConfigError(error) && error.issues.map(({ path }) => path)).toEqual([
    "ws.perMessageDeflate.concurrencyLimit",
  ]);
  build({ leaf: "ws", ws: { perMessageDeflate: { concurrencyLimit: 2 } } });
});
