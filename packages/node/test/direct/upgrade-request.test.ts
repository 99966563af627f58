import { once } from "node:events";
import { Agent } from "node:http";
import { Duplex } from "node:stream";
import { LeafRecorder } from "@oath-ws/testing";
import { expect, it } from "vitest";
import type { WebSocket } from "ws";
import { directConnector } from "../../src/direct/direct-connector.js";
import { connect, handshake, nextFrame, wsServer } from "../support/connections.js";
import { RawPeer, rawServer } from "../support/raw-server.js";

it("the upgrade request goes through an agent, and the agent gets no socket back that speaks WebSocket", async () => {
  const { url, server } = await wsServer();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const accepted = once(server, "connection") as Promise<[WebSocket]>;
  const connection = await connect(directConnector({ socket: { agent } }), `${url}path`);
  const [peer] = await accepted;
  peer.send("through");
  expect(await nextFrame(connection)).toEqual(["text", "through"]);
  await connection.close();
  expect(Object.keys(agent.freeSockets)).toEqual([]);
});

it("the upgrade request says what RFC 6455 section 4.1 wants, and nothing that was not asked for", async () => {
  const server = await rawServer();
  const connecting = connect(
    directConnector(),
    handshake(`${server.url}a/b?c=%20d`, { protocols: ["v1", "v2"], headers: { "X-Key": "k" } }),
  );
  const peer = new RawPeer(await server.next());
  const [line, ...rest] = (await peer.upgrade(undefined, ["Sec-WebSocket-Protocol: v1"]))
    .trim()
    .split("\r\n");
  await connecting;
  expect(line).toBe("GET /a/b?c=%20d HTTP/1.1");
  const headers = new Map(
    rest.map((each) => [each.split(": ")[0]!.toLowerCase(), each.split(": ")[1]!] as const),
  );
  const key = headers.get("sec-websocket-key")!;
  expect(Buffer.from(key, "base64")).toHaveLength(16);
  expect(Object.fromEntries(headers)).toEqual({
    "x-key": "k",
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": key,
    "sec-websocket-protocol": "v1,v2",
    host: `127.0.0.1:${server.port}`,
  });
});

it("the upgrade request leaves nothing open over a stream of the caller's that never answers", async () => {
  const stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const controller = new AbortController();
  const connector = directConnector({ socket: { createConnection: () => stream } });
  const connecting = LeafRecorder.connect(connector, handshake("ws://venue.test/"), {
    signal: controller.signal,
  });
  controller.abort("enough");
  await expect(connecting).rejects.toBe("enough");
  await new Promise((resolve) => setImmediate(resolve));
  expect(stream.destroyed).toBe(true);
});
