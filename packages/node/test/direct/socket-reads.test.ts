import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, OnReadOpts, Socket } from "node:net";
import { Duplex } from "node:stream";
import { expect, it, onTestFinished } from "vitest";
import { directConnector } from "../../src/direct/direct-connector.js";
import { readShared } from "../../src/direct/socket-reads.js";
import { setOwner } from "../../src/leaf/owned-emitter.js";
import { connect, readAll } from "../support/connections.js";
import { frame, OP, switchingProtocols } from "../support/frames.js";
import { RawPeer, rawServer } from "../support/raw-server.js";

it("the shared read buffer keeps apart what sockets read into it, however their messages are cut", async () => {
  const server = await rawServer();
  const connector = directConnector();
  const pairs = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const connecting = connect(connector, server.url);
      const peer = new RawPeer(await server.next());
      await peer.upgrade();
      return { connection: await connecting, peer };
    }),
  );
  const texts = ["a", "b", "c", "d", "e"].map((letter) => [
    letter,
    letter.repeat(300),
    letter.repeat(70_000),
  ]);
  const reading = pairs.map(({ connection }) => readAll(connection));
  const bytes = pairs.map((_, i) =>
    Buffer.concat((texts[i] ?? []).map((text) => frame(OP.text, text))),
  );
  for (let at = 0; at < bytes[0]!.length; at += 9_973) {
    for (const [i, { peer }] of pairs.entries()) {
      await new Promise((resolve) =>
        peer.socket.write(bytes[i]!.subarray(at, at + 9_973), resolve),
      );
    }
  }
  for (const { peer } of pairs) peer.socket.end(frame(OP.close));
  const closed = ["close", "", 1005];
  expect((await Promise.all(reading)).map(({ frames }) => frames)).toEqual(
    texts.map((each) => [...each.map((text) => ["text", text]), closed]),
  );
});

it("the shared read buffer reads large payloads into memory of their own, which no later read changes", async () => {
  const server = await rawServer();
  const connecting = connect(directConnector(), server.url);
  const peer = new RawPeer(await server.next());
  await peer.upgrade();
  const reading = readAll(await connecting);
  const sizes = [3_000_000, 10, 65_536, 200_000, 1, 150_000, 1_000_000];
  const texts = sizes.map((size, i) => String.fromCodePoint(97 + i).repeat(size));
  peer.socket.write(Buffer.concat(texts.map((text) => frame(OP.text, text))));
  peer.socket.end(frame(OP.close));
  const { frames } = await reading;
  expect(frames.map(([kind, text]) => [kind, text.length])).toEqual([
    ...sizes.map((size) => ["text", size]),
    ["close", 0],
  ]);
  expect(frames.slice(0, -1).map(([, text]) => text === texts.shift())).not.toContain(false);
});

it("the shared read buffer ends a socket whose receiver throws at a payload read into its own memory", () => {
  const socket = new Duplex({ read: () => undefined });
  const room = Buffer.alloc(8);
  setOwner(socket, {
    room,
    read: () => undefined,
    filled: () => {
      throw new Error("of the receiver");
    },
  });
  const asked: OnReadOpts[] = [];
  readShared((onread) => {
    asked.push(onread);
    return socket;
  });
  const [{ buffer, callback }] = asked as [OnReadOpts];
  const memory = buffer as () => Uint8Array;
  callback(1, memory());
  expect(memory()).toBe(room);
  expect(() => callback(1, room)).toThrow("of the receiver");
  expect(socket.destroyed).toBe(true);
  // Another socket, which asks next, does not get that room.
  expect(memory()).not.toBe(room);
});

it("the shared read buffer brings first what came with the answer to the upgrade, then the next reads", async () => {
  const server = await rawServer();
  const connecting = connect(directConnector(), server.url);
  const peer = new RawPeer(await server.next());
  await peer.upgrade(Buffer.concat([frame(OP.text, "1"), frame(OP.text, "2").subarray(0, 2)]));
  peer.socket.write(frame(OP.text, "2").subarray(2));
  peer.socket.end(frame(OP.text, "3"));
  expect((await readAll(await connecting)).frames).toEqual([
    ["text", "1"],
    ["text", "2"],
    ["text", "3"],
  ]);
});

it("the shared read buffer reads an answer that comes byte by byte, and a refusal's body", async () => {
  const server = await rawServer();
  const connecting = connect(directConnector(), server.url);
  const peer = new RawPeer(await server.next());
  for (const byte of Buffer.from(switchingProtocols(await peer.request()))) {
    await new Promise((resolve) => peer.socket.write(Buffer.from([byte]), resolve));
  }
  await connecting;
  const refused = connect(directConnector(), server.url);
  const other = new RawPeer(await server.next());
  await other.request();
  other.socket.write(`HTTP/1.1 503 No\r\nContent-Length: 200000\r\n\r\n${"x".repeat(200_000)}`);
  await expect(refused).rejects.toMatchObject({ code: "UPGRADE_REFUSED", status: 503 });
});

it("the shared read buffer survives the attempt at an address that does not answer", async () => {
  // Bound to the second address of the name alone: the socket gets another handle when the first
  // attempt fails.
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  const lookup = (
    _name: string,
    _options: object,
    done: (error: null, addresses: object[]) => void,
  ): void => {
    done(null, [
      { address: "::1", family: 6 },
      { address: "127.0.0.1", family: 4 },
    ]);
  };
  const connector = directConnector({
    socket: { autoSelectFamily: true, lookup: lookup as never },
  });
  const connecting = connect(connector, `ws://two.test:${(server.address() as AddressInfo).port}/`);
  const [socket] = (await once(server, "connection")) as [Socket];
  const peer = new RawPeer(socket);
  await peer.upgrade();
  const connection = await connecting;
  peer.socket.end(Buffer.concat([frame(OP.text, "here"), frame(OP.close)]));
  expect((await readAll(connection)).frames).toEqual([
    ["text", "here"],
    ["close", "", 1005],
  ]);
});
