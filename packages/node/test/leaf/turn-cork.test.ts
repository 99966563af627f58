import { connect as netConnect } from "node:net";
import { Writable } from "node:stream";
import type { Duplex } from "node:stream";
import { expect, it } from "vitest";
import { wsConnector } from "../../src/ws/ws-connector.js";
import { TurnCork } from "../../src/leaf/turn-cork.js";
import { directConnector } from "../../src/direct/direct-connector.js";
import { connect } from "../support/connections.js";
import { RawPeer, rawServer } from "../support/raw-server.js";

it("TurnCork lets the first write of a turn go at once, and the others together when the turn is over", async () => {
  const calls: number[] = [];
  const stream = new Writable({
    write: (_chunk, _encoding, done) => done(void calls.push(1)),
    writev: (chunks, done) => done(void calls.push(chunks.length)),
  });
  const cork = new TurnCork(stream);
  const write = (): void => {
    stream.write("x");
    cork.written();
  };
  for (let i = 0; i < 5; i++) write();
  expect(calls).toEqual([1]);
  await Promise.resolve();
  write();
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toEqual([1, 5]);
  write();
  expect(calls).toEqual([1, 5, 1]);
});

it.each([
  ["ws", wsConnector],
  ["direct", directConnector],
] as const)(
  "sends of the %s leaf go through a TurnCork, and settle in order",
  async (_, connectorOf) => {
    const server = await rawServer();
    let socket: Duplex | undefined;
    const createConnection = (): Duplex =>
      (socket = netConnect({ host: "127.0.0.1", port: server.port }));
    const connecting = connect(connectorOf({ socket: { createConnection } }), server.url);
    const peer = new RawPeer(await server.next());
    await peer.upgrade();
    const leaf = await connecting;
    const before = bytesQueued(socket);
    const settled: number[] = [];
    const sends = Array.from({ length: 4 }, (_each, i) =>
      leaf.send(`frame ${i}`).then(() => settled.push(i)),
    );
    // The first is the kernel's already.
    expect([before, bytesQueued(socket)]).toEqual([0, 3 * (2 + 4 + "frame 0".length)]);
    await Promise.all(sends);
    expect(settled).toEqual([0, 1, 2, 3]);
    for (let i = 0; i < 4; i++)
      expect((await peer.nextFrame()).payload.toString()).toBe(`frame ${i}`);
  },
);

it("TurnCork tells an outcome what became of its frame, once, and nothing is thrown", async () => {
  const server = await rawServer();
  const connecting = connect(wsConnector(), server.url);
  await new RawPeer(await server.next()).upgrade();
  const leaf = await connecting;
  const { connection } = leaf;
  const told: unknown[] = [];
  const outcome = {
    sent: () => void told.push("sent"),
    failed: (error: unknown) => void told.push((error as { code: string }).code),
  };
  connection.send("one", outcome);
  await leaf.send("two");
  connection.send({ kind: "close", data: new Uint8Array(0), code: 1000 }, outcome);
  connection.send("never confirmed", outcome);
  connection.destroy();
  connection.send("too late", outcome);
  expect(told).toEqual(["sent", "FRAME_INVALID", "SEND_FATE_UNKNOWN", "NOT_CONNECTED"]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toHaveLength(4);
});

function bytesQueued(socket: Duplex | undefined): number {
  return socket?.writableLength ?? Number.NaN;
}
