import type { Frame } from "@oath-ws/contract";
import { LeafRecorder } from "@oath-ws/testing";
import { describe, expect, it, vi } from "vitest";
import { wsConnector } from "../../src/ws/ws-connector.js";
import { connect, nextFrame, rawPair, readAll, wsErrorOf, wsPair } from "../support/connections.js";
import { closePayload, frame, OP } from "../support/frames.js";
import { gone, RawPeer, rawServer } from "../support/raw-server.js";
import { ManualTimer } from "../support/seams.js";

describe("receiving", () => {
  it("hands over every kind of frame, in order, and answers no ping itself", async () => {
    const { connection, peer } = await rawPair();
    peer.socket.write(
      Buffer.concat([
        frame(OP.text, "é"),
        frame(OP.ping, "1"),
        frame(OP.binary, "\u0000"),
        frame(OP.pong),
        frame(OP.text),
      ]),
    );
    const got: Frame[] = [];
    while (got.length < 5 && (await connection.source.readable())) {
      for (let next = connection.source.take(); next !== undefined; next = connection.source.take())
        got.push(next);
    }
    expect(got.map(({ kind, data }) => [kind, Buffer.from(data).toString()])).toEqual([
      ["text", "é"],
      ["ping", "1"],
      ["binary", "\u0000"],
      ["pong", ""],
      ["text", ""],
    ]);
    expect(got.every(({ data }) => data instanceof Uint8Array)).toBe(true);
    await connection.send("after");
    expect(await peer.nextFrame()).toMatchObject({ opcode: OP.text });
  });

  it("puts a fragmented message together, with a control frame in between", async () => {
    const { connection, peer } = await rawPair();
    peer.socket.write(frame(OP.text, "a", { fin: false }));
    peer.socket.write(frame(OP.ping, "p"));
    peer.socket.write(
      Buffer.concat([frame(OP.continuation, "b", { fin: false }), frame(OP.continuation, "c")]),
    );
    expect(await nextFrame(connection)).toEqual(["ping", "p"]);
    expect(await nextFrame(connection)).toEqual(["text", "abc"]);
  });

  it("takes a message of 20000 fragments", async () => {
    const { connection, peer } = await rawPair();
    const parts = Array.from({ length: 19_998 }, () => frame(OP.continuation, "x", { fin: false }));
    peer.socket.write(
      Buffer.concat([frame(OP.binary, "<", { fin: false }), ...parts, frame(OP.continuation, ">")]),
    );
    expect(await nextFrame(connection)).toEqual(["binary", `<${"x".repeat(19_998)}>`]);
  });

  it("takes text that is not UTF-8 when told to", async () => {
    const { connection, peer } = await rawPair({ socket: { skipUTF8Validation: true } });
    peer.socket.write(frame(OP.text, Buffer.from([0x99])));
    expect(await nextFrame(connection)).toEqual(["text", "\u0099"]);
  });

  it("inflates, and counts the inflated bytes", async () => {
    const deflate = {
      server: { perMessageDeflate: { threshold: 0 } },
      connector: { maxMessageBytes: 1000, socket: { perMessageDeflate: true } },
    };
    const { connection, peer } = await wsPair(deflate);
    peer.send("a".repeat(1000));
    peer.send("b".repeat(1001));
    const { frames, error } = await readAll(connection);
    expect(frames).toEqual([["text", "a".repeat(1000)]]);
    expect(error).toMatchObject({ kind: "server", code: "MESSAGE_TOO_BIG" });
  });
});

describe("the peer's close", () => {
  it.each([
    [closePayload(1000, "done"), "done", 1000],
    [closePayload(1012), "", 1012],
    [closePayload(4321, "é"), "Ã©", 4321],
    [Buffer.alloc(0), "", 1005],
  ])(
    "%j is the last frame, at once, and the source ends cleanly",
    async (payload, reason, code) => {
      // The server never ends TCP, and the leaf's only timer stands still.
      const timer = new ManualTimer();
      const { connection, peer } = await rawPair({ timer, server: { allowHalfOpen: true } });
      peer.socket.write(
        Buffer.concat([
          frame(OP.text, "last"),
          frame(OP.close, payload),
          frame(OP.text, "too late"),
        ]),
      );
      expect(await readAll(connection)).toEqual({
        frames: [
          ["text", "last"],
          ["close", reason, code],
        ],
        error: undefined,
      });
      const close = { code, reason: Buffer.from(reason, "latin1").toString() };
      expect(connection.closeInfo).toEqual(close);
      // The end comes when the socket is gone.
      expect(connection.end).toBeUndefined();
      // It is answered with the same code, and no second frame can be sent.
      expect(await peer.nextFrame()).toEqual({ opcode: OP.close, payload });
      expect(await wsErrorOf(connection.send("x"))).toMatchObject({
        kind: "connection",
        code: "NOT_CONNECTED",
      });
      // A peer that does not end TCP is dropped.
      expect([...timer.scheduled].map(({ delayMs }) => delayMs)).toEqual([5000]);
      const left = gone(peer.socket);
      timer.fireAll();
      expect(connection.end?.error).toMatchObject({
        kind: "connection",
        code: "PEER_CLOSED",
        close,
      });
      peer.socket.end();
      await left;
      expect(timer.scheduled.size).toBe(0);
    },
  );
});

describe("a violation", () => {
  const NOT_UTF8 = Buffer.from([0xff]);

  it.each([
    ["bad UTF-8 in a text message", frame(OP.text, NOT_UTF8), "INVALID_UTF8", 1007],
    [
      "bad UTF-8 over two fragments",
      Buffer.concat([frame(OP.text, "é".slice(0, 1), { fin: false }), frame(0, NOT_UTF8)]),
      "INVALID_UTF8",
      1007,
    ],
    [
      "bad UTF-8 in a close reason",
      frame(OP.close, Buffer.from([0x03, 0xe8, 0xff])),
      "INVALID_UTF8",
      1007,
    ],
    ["an oversized message", frame(OP.binary, Buffer.alloc(1001)), "MESSAGE_TOO_BIG", 1009],
    [
      "an oversized message in fragments",
      Buffer.concat([
        frame(OP.binary, Buffer.alloc(600), { fin: false }),
        frame(0, Buffer.alloc(401)),
      ]),
      "MESSAGE_TOO_BIG",
      1009,
    ],
    [
      "a length above 2^53",
      Buffer.from([0x82, 127, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
      "MESSAGE_TOO_BIG",
      1009,
    ],
    ["a reserved opcode", frame(3, "x"), "PROTOCOL_ERROR", 1002],
    ["a reserved control opcode", frame(0xb, "x"), "PROTOCOL_ERROR", 1002],
    ["RSV1 without an extension", frame(OP.text, "x", { rsv: 4 }), "PROTOCOL_ERROR", 1002],
    ["RSV2", frame(OP.text, "x", { rsv: 2 }), "PROTOCOL_ERROR", 1002],
    ["a masked frame", frame(OP.text, "x", { masked: true }), "PROTOCOL_ERROR", 1002],
    ["a continuation of nothing", frame(OP.continuation, "x"), "PROTOCOL_ERROR", 1002],
    [
      "a message inside another",
      Buffer.concat([frame(OP.text, "x", { fin: false }), frame(OP.text, "y")]),
      "PROTOCOL_ERROR",
      1002,
    ],
    ["a fragmented ping", frame(OP.ping, "x", { fin: false }), "PROTOCOL_ERROR", 1002],
    ["a long ping", frame(OP.ping, Buffer.alloc(126)), "PROTOCOL_ERROR", 1002],
    ["a close code that is none", frame(OP.close, closePayload(1004)), "PROTOCOL_ERROR", 1002],
    ["a close payload of one byte", frame(OP.close, "x"), "PROTOCOL_ERROR", 1002],
  ])(
    "%s ends the source with an error after the frames before it",
    async (_name, bytes, code, closeCode) => {
      const timer = new ManualTimer();
      const { connection, peer } = await rawPair({
        timer,
        maxMessageBytes: 1000,
        server: { allowHalfOpen: true },
      });
      peer.socket.write(Buffer.concat([frame(OP.text, "good"), bytes, frame(OP.text, "never")]));
      const { frames, error } = await readAll(connection);
      expect(frames).toEqual([["text", "good"]]);
      expect(error).toMatchObject({
        kind: "server",
        code,
        cause: { code: expect.stringMatching(/^WS_ERR_/) as string },
      });
      expect(connection.end?.error).toBe(error);
      // The peer is told, and dropped if it does not go.
      const told = await peer.nextFrame();
      expect([told.opcode, told.payload.readUInt16BE(0)]).toEqual([OP.close, closeCode]);
      expect(await wsErrorOf(connection.send("x"))).toMatchObject({ code: "NOT_CONNECTED" });
      timer.fireAll();
      await connection.close();
      expect(timer.scheduled.size).toBe(0);
    },
  );

  it("in a compressed message is told like any other", async () => {
    const { connection, peer } = await wsPair({
      server: { perMessageDeflate: { threshold: 0 } },
      connector: { socket: { perMessageDeflate: true } },
    });
    const raw = (peer as unknown as { _socket: { write(bytes: Buffer): void } })._socket;
    raw.write(frame(OP.binary, Buffer.from([0xff, 0xff, 0xff, 0xff]), { rsv: 4 }));
    expect((await readAll(connection)).error).toMatchObject({
      kind: "server",
      code: "PROTOCOL_ERROR",
    });
  });
});

describe("a lost socket", () => {
  it("that was reset gives the platform's code, after the frames before it", async () => {
    const { connection, peer } = await rawPair();
    peer.socket.write(frame(OP.text, "good"));
    expect(await nextFrame(connection)).toEqual(["text", "good"]);
    peer.socket.resetAndDestroy();
    const { error } = await readAll(connection);
    expect(error).toMatchObject({
      kind: "connection",
      code: "ECONNRESET",
      cause: { syscall: "read" },
    });
    expect(connection.end?.error).toBe(error);
  });

  it("that ended without a close frame is SOCKET_LOST", async () => {
    const { connection, peer } = await rawPair();
    peer.socket.end(
      Buffer.concat([frame(OP.text, "good"), frame(OP.text, "half", { fin: false })]),
    );
    const { frames, error } = await readAll(connection);
    expect(frames).toEqual([["text", "good"]]);
    expect(error).toMatchObject({
      kind: "connection",
      code: "SOCKET_LOST",
      close: { code: 1006, reason: "" },
    });
    expect(connection.end?.error).toBe(error);
  });

  it("is lost at the peer's FIN, also while our writes do not drain", async () => {
    const { connection, peer } = await rawPair({ server: { allowHalfOpen: true } });
    peer.socket.pause();
    const sent = wsErrorOf(connection.send(Buffer.alloc(24 * 1024 * 1024)));
    peer.socket.end();
    expect((await readAll(connection)).error).toMatchObject({ code: "SOCKET_LOST" });
    expect(await sent).toMatchObject({ code: "SEND_FATE_UNKNOWN" });
  });

  it("keeps compressed messages that came before the end", async () => {
    const { connection, peer } = await wsPair({
      server: { perMessageDeflate: { threshold: 0 } },
      connector: { socket: { perMessageDeflate: true } },
    });
    const texts = Array.from({ length: 50 }, (_, i) => `message ${i}`);
    await Promise.all(texts.map((text) => new Promise((resolve) => peer.send(text, resolve))));
    const raw = (peer as unknown as { _socket: { end(): void } })._socket;
    raw.end();
    const { frames, error } = await readAll(connection);
    expect(frames.map(([, text]) => text)).toEqual(texts);
    expect(error).toMatchObject({ code: "SOCKET_LOST" });
  });
});

describe("destroy()", () => {
  it("ends the source cleanly, keeps what had arrived, and drops the socket", async () => {
    const { connection, peer } = await rawPair();
    const left = gone(peer.socket);
    peer.socket.write(Buffer.concat([frame(OP.text, "a"), frame(OP.text, "b")]));
    await connection.source.readable();
    connection.destroy();
    connection.destroy();
    expect(connection.end).toEqual({ error: undefined });
    expect(await readAll(connection)).toEqual({
      frames: [
        ["text", "a"],
        ["text", "b"],
      ],
      error: undefined,
    });
    await left;
    await connection.close();
    connection.destroy();
  });

  it("settles the sends in the call itself, whatever the socket then does about its end", async () => {
    const { connection, peer } = await rawPair();
    peer.socket.pause();
    const failed = vi.fn<(reason: unknown) => void>();
    connection.send(Buffer.alloc(16 * 1024 * 1024)).catch(failed);
    connection.destroy();
    // Reactions of promises run before anything that the platform has to tell.
    await Promise.resolve();
    expect(failed).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ code: "SEND_FATE_UNKNOWN" }),
    );
  });

  it("wakes a reader that waits, and takes nothing in afterwards", async () => {
    const { connection, peer } = await rawPair();
    const waiting = connection.source.readable();
    peer.socket.write(frame(OP.text, "on its way"));
    connection.destroy();
    expect(await waiting).toBe(false);
    await gone(peer.socket);
    expect(connection.source.take()).toBeUndefined();
    expect(await connection.source.readable()).toBe(false);
  });
});

describe("the events", () => {
  it("begin with opened, in the turn of the upgrade, and end with the end, once", async () => {
    const { connection, peer } = await rawPair({ early: frame(OP.text, "early") });
    expect(await nextFrame(connection)).toEqual(["text", "early"]);
    peer.socket.destroy();
    await connection.untilEnded();
    connection.destroy();
    const log = connection.log.filter((event) => event !== "read");
    expect(log).toEqual(["opened", "frame", "ended"]);
  });

  it("stamp every byte that arrives, not only whole frames, once a read", async () => {
    const timer = new ManualTimer();
    const { connection, peer } = await rawPair({ timer });
    expect(connection.lastReadAt).toBeUndefined();
    timer.at = 2000;
    peer.socket.write(Buffer.concat([frame(OP.text, "1"), frame(OP.text, "2")]));
    await nextFrame(connection);
    await nextFrame(connection);
    expect(connection.lastReadAt).toBe(2000);
    expect(connection.log).toEqual(["opened", "read", "frame", "frame"]);
    timer.at = 3000;
    peer.socket.write(frame(OP.ping));
    await nextFrame(connection);
    expect(connection.lastReadAt).toBe(3000);
    timer.at = 4000;
    const whole = frame(OP.binary, Buffer.alloc(60_000));
    peer.socket.write(whole.subarray(0, 30_000));
    // There is nothing to await: the bytes are no frame yet.
    await vi.waitUntil(() => connection.lastReadAt === 4000);
    expect(connection.source.take()).toBeUndefined();
    timer.at = 5000;
    peer.socket.write(whole.subarray(30_000));
    await nextFrame(connection);
    expect(connection.lastReadAt).toBe(5000);
  });

  it("tell nothing more after destroy() in the turn of a frame, whatever the read still holds", async () => {
    const { connection, peer } = await rawPair();
    const { source, log } = connection;
    connection.frame = (...told) => {
      LeafRecorder.prototype.frame.apply(connection, told);
      connection.destroy();
    };
    peer.socket.write(Buffer.concat(["a", "b", "c"].map((text) => frame(OP.text, text))));
    await connection.untilEnded();
    await gone(peer.socket);
    expect(source.take()?.data.toString()).toBe("a");
    expect(log).toEqual(["opened", "read", "frame", "ended"]);
  });

  it("show the headers of the upgrade's response", async () => {
    const server = await rawServer();
    const connecting = connect(wsConnector(), server.url);
    const peer = new RawPeer(await server.next());
    await peer.upgrade(undefined, ["X-Server: A", "Set-Cookie: a=1", "Set-Cookie: b=2"]);
    expect((await connecting).connection.headers).toMatchObject({
      upgrade: "websocket",
      "x-server": "A",
      "set-cookie": "a=1, b=2",
    });
  });
});

it("the leaf keeps the connections of one connector apart", async () => {
  const connector = wsConnector();
  const connections = await Promise.all(
    ["a", "b", "c"].map(async (name) => {
      const server = await rawServer();
      const connecting = connect(connector, server.url);
      await new RawPeer(await server.next()).upgrade(
        Buffer.concat([frame(OP.text, name), frame(OP.close)]),
      );
      return { name, connection: await connecting };
    }),
  );
  for (const { name, connection } of connections)
    expect((await readAll(connection)).frames[0]).toEqual(["text", name]);
});
