import { once } from "node:events";
import { build, directConnector, isConfigError, nodeRuntimeWith, open } from "oath-ws";
import type { ConfigIssue, ReceivedFrame } from "oath-ws";
import { expect, it } from "vitest";
import type { WebSocket } from "ws";
import { ReconnectingWebSocket, ResilientWebSocket } from "../../src/websocket/index.js";
import { wsServer } from "../support/connections.js";
import { thrownBy } from "../websocket/support/server.js";

it("open() by default delivers, answers pings, sends, and comes back after a reset", async () => {
  const { url, server } = await wsServer();
  const accepted = (): Promise<[WebSocket]> => once(server, "connection") as Promise<[WebSocket]>;
  const first = accepted();
  await using connection = await open(url, { config: { backoff: { minMs: 1 } } });
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

/** What each way in says to options. */
async function refusals(options: unknown): Promise<ConfigIssue[][]> {
  const errors = [
    thrownBy(() => build(options as never)),
    await open("ws://127.0.0.1:1/", options as never).catch((error: unknown) => error),
    thrownBy(() => new ReconnectingWebSocket("ws://127.0.0.1:1/", [], options as never)),
    thrownBy(() => new ResilientWebSocket("ws://127.0.0.1:1/", [], options as never)),
  ];
  return errors.map((error) => {
    if (!isConfigError(error)) throw error;
    return [...error.issues];
  });
}

it.each([
  ["tcp", 'must be "direct" or "ws", got "tcp"'],
  ["toString", 'must be "direct" or "ws", got "toString"'],
  [7, 'must be "direct" or "ws", got number'],
  [null, 'must be "direct" or "ws", got null'],
])("an unknown transport, %j, is one issue among the others", async (transport, message) => {
  for (const issues of await refusals({ transport, socket: { autoPong: true } })) {
    expect(issues.map(({ path }) => path).toSorted()).toEqual(["socket.autoPong", "transport"]);
    expect(issues).toContainEqual({ path: "transport", message });
  }
});

it.each(["direct", "ws", {}])(
  "the old name leaf, %j, is refused with the new one",
  async (leaf) => {
    const message = 'is now transport: "direct" (the default) or "ws"';
    for (const issues of await refusals({ leaf }))
      expect(issues).toEqual([{ path: "leaf", message }]);
    const runtime = thrownBy(() => nodeRuntimeWith({ leaf } as never));
    expect(isConfigError(runtime) && runtime.issues).toEqual([{ path: "leaf", message }]);
  },
);

it.each(["direct", "ws"])(
  "an old name in ws is refused with the new one, by %s",
  async (transport) => {
    const ws = { agent: undefined, skipUTF8Validation: true, perMessageDeflate: true };
    for (const issues of await refusals({ transport, ws })) {
      expect(issues).toEqual([
        { path: "ws.skipUTF8Validation", message: "is now socket.skipUTF8Validation" },
        { path: "ws.perMessageDeflate", message: "is now socket.perMessageDeflate" },
      ]);
    }
    const socket = { perMessageDeflate: { concurrencyLimit: 2 } };
    for (const issues of await refusals({ transport, socket })) {
      expect(issues).toEqual([
        {
          path: "socket.perMessageDeflate.concurrencyLimit",
          message: "is now ws.concurrencyLimit",
        },
      ]);
    }
  },
);

it("what npm ws alone understands is refused by name beside the transport direct", async () => {
  const message = 'cannot be used with transport "direct": npm ws alone understands it';
  for (const transport of ["direct", undefined]) {
    for (const issues of await refusals({ transport, ws: { concurrencyLimit: 2 } }))
      expect(issues).toEqual([{ path: "ws.concurrencyLimit", message }]);
  }
  expect(() => directConnector({ ws: { concurrencyLimit: 2 } } as never)).toThrow(message);
  build({
    transport: "ws",
    socket: { perMessageDeflate: { threshold: 1 } },
    ws: { concurrencyLimit: 2 },
  });
});
