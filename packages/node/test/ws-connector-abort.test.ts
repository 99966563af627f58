import { once } from "node:events";
import { Duplex } from "node:stream";
import { LeafRecorder } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { wsConnector } from "../src/ws/ws-connector.js";
import { connect, handshake, wsServer } from "./support/connections.js";
import { gone, RawPeer, rawServer } from "./support/raw-server.js";
import { CountingSignal } from "./support/seams.js";

const REASON = { why: "the test says so" };

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "it resolved",
    (reason: unknown) => reason,
  );
}

describe("an aborted signal rejects with its reason and leaves nothing", () => {
  it("before anything is dialled", async () => {
    const signal = new CountingSignal();
    signal.abort(REASON);
    const connector = wsConnector({
      socket: { createConnection: () => expect.unreachable("dialled") },
    });
    expect(
      await reasonOf(LeafRecorder.connect(connector, handshake("ws://127.0.0.1:1/"), { signal })),
    ).toBe(REASON);
    expect(signal.listeners).toBe(0);
  });

  it("in the turn in which it was dialled", async () => {
    const server = await rawServer();
    const signal = new CountingSignal();
    const attempt = LeafRecorder.connect(wsConnector(), handshake(server.url), { signal });
    signal.abort(REASON);
    expect(await reasonOf(attempt)).toBe(REASON);
    expect(signal.listeners).toBe(0);
    // Whether TCP had begun or not, nothing is left by the time a later attempt is over.
    const later = LeafRecorder.connect(wsConnector(), handshake(server.url));
    let peer = new RawPeer(await server.next());
    while (
      !(await peer.upgrade().then(
        () => true,
        () => false,
      ))
    )
      peer = new RawPeer(await server.next());
    (await later).destroy();
    await Promise.all(server.accepted.map(gone));
  });

  it("while DNS hangs, and an address that comes too late is not dialled", async () => {
    const server = await rawServer();
    const signal = new CountingSignal();
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let late = (): void => undefined;
    const connector = wsConnector({
      socket: {
        lookup: (_host, _options, callback) => {
          late = () => callback(null, [{ address: "127.0.0.1", family: 4 }]);
          answer();
        },
      },
    });
    const attempt = LeafRecorder.connect(connector, handshake(`ws://slow.test:${server.port}/`), {
      signal,
    });
    await asked;
    signal.abort(REASON);
    expect(await reasonOf(attempt)).toBe(REASON);
    expect(signal.listeners).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    late();
    // A later attempt would arrive after the one that must not come.
    const next = LeafRecorder.connect(wsConnector(), handshake(server.url), {
      signal: AbortSignal.timeout(10_000),
    });
    await new RawPeer(await server.next()).upgrade();
    (await next).destroy();
    expect(server.accepted).toHaveLength(1);
  });

  it("while TCP is being set up", async () => {
    const signal = new CountingSignal();
    // A stream that never takes anything stands for a SYN without an answer.
    const socket = new Duplex({ read: () => undefined, write: () => undefined });
    const attempt = LeafRecorder.connect(
      wsConnector({ socket: { createConnection: () => socket } }),
      handshake("ws://hang.test/"),
      { signal },
    );
    await new Promise((resolve) => setImmediate(resolve));
    signal.abort(REASON);
    expect(await reasonOf(attempt)).toBe(REASON);
    expect(signal.listeners).toBe(0);
    expect(socket.destroyed).toBe(true);
  });

  it.each([
    ["during the TLS handshake", "wss"],
    ["while the upgrade is not answered", "ws"],
  ] as const)("%s", async (_name, scheme) => {
    const server = await rawServer();
    const signal = new CountingSignal();
    const attempt = LeafRecorder.connect(
      wsConnector(),
      handshake(server.url.replace("ws:", `${scheme}:`)),
      {
        signal,
      },
    );
    const socket = await server.next();
    const left = gone(socket);
    await once(socket, "data");
    signal.abort(REASON);
    expect(await reasonOf(attempt)).toBe(REASON);
    expect(signal.listeners).toBe(0);
    await left;
  });

  it("in the middle of the response's head", async () => {
    const server = await rawServer();
    const signal = new CountingSignal();
    const attempt = LeafRecorder.connect(wsConnector(), handshake(server.url), { signal });
    const peer = new RawPeer(await server.next());
    const left = gone(peer.socket);
    await peer.request();
    await new Promise<void>((resolve) =>
      peer.socket.write("HTTP/1.1 101 Switching", () => resolve()),
    );
    signal.abort(REASON);
    expect(await reasonOf(attempt)).toBe(REASON);
    expect(signal.listeners).toBe(0);
    await left;
  });
});

describe("a signal after the attempt", () => {
  it("means nothing to an open connection", async () => {
    const { url, server } = await wsServer();
    const signal = new CountingSignal();
    const accepted = once(server, "connection");
    const connecting = connect(wsConnector(), url, { signal });
    const connection = await connecting;
    expect(signal.listeners).toBe(0);
    signal.abort(REASON);
    const [peer] = (await accepted) as [{ send(text: string): void }];
    peer.send("still here");
    expect(await connection.source.readable()).toBe(true);
    expect(connection.end).toBeUndefined();
  });

  it("is let go of by a failed attempt", async () => {
    const signal = new CountingSignal();
    const server = await rawServer();
    const attempt = reasonOf(
      LeafRecorder.connect(wsConnector(), handshake(server.url), { signal }),
    );
    (await server.next()).destroy();
    await attempt;
    expect(signal.listeners).toBe(0);
  });

  it("works as a real AbortSignal", async () => {
    const server = await rawServer();
    const controller = new AbortController();
    const attempt = LeafRecorder.connect(wsConnector(), handshake(server.url), {
      signal: controller.signal,
    });
    await server.next();
    controller.abort(REASON);
    expect(await reasonOf(attempt)).toBe(REASON);
  });
});
