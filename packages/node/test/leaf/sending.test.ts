import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Frame } from "@oath-ws/contract";
import { isWsError } from "@oath-ws/contract";
import type { LeafRecorder } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { nextFrame, rawPair, readAll, wsErrorOf, wsPair } from "../support/connections.js";
import { closePayload, frame, OP } from "../support/frames.js";
import { gone } from "../support/raw-server.js";
import { ManualTimer } from "../support/seams.js";

const MIB = 1024 * 1024;
/**
 * More than the kernel takes from one end of a loopback connection whose other end does not read.
 */
const BLOCKS = 24;

/** Sends more than the kernel takes; resolves when the first block has left. */
async function fill(connection: LeafRecorder, block: () => Buffer): Promise<Promise<string>[]> {
  const fates = Array.from({ length: BLOCKS }, () =>
    connection.send(block()).then(
      () => "sent",
      (error: unknown) => (isWsError(error) ? error.code : String(error)),
    ),
  );
  await fates[0];
  return fates;
}

describe("send()", () => {
  it("sends text, bytes and frames, each as what it is, in the order of the calls", async () => {
    const { connection, peer } = await rawPair();
    const bytes = new Uint8Array([1, 2, 3, 4]).subarray(1, 3);
    const sends: (Frame | string | Uint8Array)[] = [
      "é",
      bytes,
      { kind: "text", data: Buffer.from("t") },
      { kind: "binary", data: Buffer.from("b") },
      { kind: "ping", data: Buffer.from("pi") },
      { kind: "pong", data: new Uint8Array([7]) },
      "",
      new Uint8Array(0),
    ];
    await Promise.all(sends.map((each) => connection.send(each)));
    const got: unknown[] = [];
    for (let i = 0; i < sends.length; i++) {
      const { opcode, payload } = await peer.nextFrame();
      got.push([opcode, payload.toString("latin1")]);
    }
    expect(got).toEqual([
      [OP.text, "Ã©"],
      [OP.binary, "\u0002\u0003"],
      [OP.text, "t"],
      [OP.binary, "b"],
      [OP.ping, "pi"],
      [OP.pong, "\u0007"],
      [OP.text, ""],
      [OP.binary, ""],
    ]);
    // Masking happened elsewhere.
    expect([...bytes]).toEqual([2, 3]);
  });

  it.each([
    [{ kind: "ping", data: new Uint8Array(126) }],
    [{ kind: "pong", data: new Uint8Array(126) }],
    [{ kind: "close", data: new Uint8Array(0), code: 1000 }],
    [{ kind: "text", data: "no bytes" }],
    [{ kind: "other", data: new Uint8Array(1) }],
    [{}],
    [7],
    [null],
    [undefined],
    [new ArrayBuffer(4)],
  ])("refuses %o and sends nothing", async (wrong) => {
    const { connection, peer } = await rawPair();
    expect(await wsErrorOf(connection.send(wrong as Frame))).toMatchObject({
      kind: "client",
      code: "FRAME_INVALID",
    });
    await connection.send({ kind: "ping", data: new Uint8Array(125) });
    expect(await peer.nextFrame()).toMatchObject({ opcode: OP.ping });
  });

  it("counts what the kernel has not taken in bufferedBytes", async () => {
    const { connection, peer } = await rawPair();
    expect(connection.connection.bufferedBytes).toBe(0);
    peer.socket.pause();
    const fates = await fill(connection, () => Buffer.alloc(MIB));
    expect(connection.connection.bufferedBytes).toBeGreaterThan(MIB);
    peer.socket.resume();
    expect(new Set(await Promise.all(fates))).toEqual(new Set(["sent"]));
    expect(connection.connection.bufferedBytes).toBe(0);
  });

  it("rejects with NOT_CONNECTED when the connection is over", async () => {
    const { connection, peer } = await rawPair();
    peer.socket.resetAndDestroy();
    await readAll(connection);
    expect(await wsErrorOf(connection.send("x"))).toMatchObject({
      kind: "connection",
      code: "NOT_CONNECTED",
    });
    const destroyed = (await rawPair()).connection;
    destroyed.destroy();
    expect(await wsErrorOf(destroyed.send("x"))).toMatchObject({ code: "NOT_CONNECTED" });
  });
});

describe("a peer that stops reading", () => {
  it.each([
    ["plainly", false, () => Buffer.alloc(MIB)],
    ["compressed, too", true, () => randomBytes(MIB)],
  ])("leaves no send unsettled after destroy(), %s", async (_name, deflate, block) => {
    const { connection, peer } = await wsPair({
      server: { perMessageDeflate: deflate },
      connector: { socket: { perMessageDeflate: deflate } },
    });
    peer.pause();
    const fates = await fill(connection, block);
    connection.destroy();
    const settled = await Promise.all(fates);
    expect(settled.filter((fate) => fate === "SEND_FATE_UNKNOWN").length).toBeGreaterThan(0);
    expect(settled.filter((fate) => fate !== "SEND_FATE_UNKNOWN" && fate !== "sent")).toEqual([]);
  });

  it("leaves no send unsettled after destroy() in the turn of the sends, compressed", async () => {
    const { connection } = await wsPair({
      server: { perMessageDeflate: true },
      connector: { socket: { perMessageDeflate: true } },
    });
    const fates = Array.from({ length: 5 }, () => wsErrorOf(connection.send("x".repeat(5000))));
    connection.destroy();
    for (const error of await Promise.all(fates))
      expect(error).toMatchObject({ kind: "connection", code: "SEND_FATE_UNKNOWN" });
  });

  it("is not said to have got what was cut off by its reset", async () => {
    const { connection, peer } = await rawPair();
    peer.socket.pause();
    // One write, which the kernel has taken a part of: Node calls it done when the socket is
    // destroyed.
    const sent = wsErrorOf(connection.send(Buffer.alloc(BLOCKS * MIB)));
    peer.socket.resetAndDestroy();
    // Whether the reset is known by then differs between releases of Node: 24 tells of the close
    // first.
    expect(await sent).toMatchObject({ kind: "connection", code: "SEND_FATE_UNKNOWN" });
  });

  it("does not hold up close() for longer than the close timeout", async () => {
    const timer = new ManualTimer();
    const { connection, peer } = await rawPair({ timer, closeTimeoutMs: 77 });
    peer.socket.pause();
    const fates = await fill(connection, () => Buffer.alloc(MIB));
    const closed = connection.close();
    expect([...timer.scheduled].map(({ delayMs }) => delayMs)).toEqual([77]);
    timer.fireAll();
    await closed;
    expect(await Promise.all(fates)).toContain("SEND_FATE_UNKNOWN");
    expect(await readAll(connection)).toEqual({ frames: [], error: undefined });
  });
});

describe("close()", () => {
  it("sends what was accepted, then the close frame, and resolves when the socket is gone", async () => {
    const { connection, peer } = await wsPair();
    const received: string[] = [];
    peer.on("message", (data: Buffer) => received.push(data.toString()));
    const theirs = once(peer, "close") as Promise<[number, Buffer]>;
    const sent = connection.send("last");
    await connection.close(3001, "é");
    await sent;
    const [code, reason] = await theirs;
    expect([code, reason.toString(), received]).toEqual([3001, "é", ["last"]]);
    expect(await readAll(connection)).toEqual({
      frames: [["close", "Ã©", 3001]],
      error: undefined,
    });
    expect(connection.end).toEqual({ error: undefined });
  });

  it("refuses later sends, and goes on receiving until the peer has closed", async () => {
    const { connection, peer } = await rawPair();
    const closed = connection.close();
    expect(await wsErrorOf(connection.send("x"))).toMatchObject({
      kind: "client",
      code: "SINK_CLOSED",
    });
    expect(await peer.nextFrame()).toEqual({ opcode: OP.close, payload: closePayload(1000) });
    expect(connection.end).toBeUndefined();
    peer.socket.write(frame(OP.text, "still"));
    expect(await nextFrame(connection)).toEqual(["text", "still"]);
    peer.socket.write(frame(OP.close, closePayload(1000)));
    await closed;
    expect(await wsErrorOf(connection.send("x"))).toMatchObject({ code: "SINK_CLOSED" });
    expect(await readAll(connection)).toEqual({ frames: [["close", "", 1000]], error: undefined });
  });

  it.each([
    [1001, ""],
    [1005, "why"],
    [999, ""],
    [2999, ""],
    [5000, ""],
    [3000.5, ""],
    [Number.NaN, ""],
    ["1000", ""],
    [1000, "x".repeat(124)],
    [1000, "é".repeat(62)],
    [1000, 7],
  ])("refuses (%j, %j) and closes nothing", async (code, reason) => {
    const { connection, peer } = await rawPair();
    expect(await wsErrorOf(connection.close(code as number, reason as string))).toMatchObject({
      kind: "client",
      code: "FRAME_INVALID",
    });
    await connection.send("open");
    expect((await peer.nextFrame()).payload.toString()).toBe("open");
  });

  it("is idempotent, and may come after the end", async () => {
    const timer = new ManualTimer();
    const { connection, peer } = await rawPair({ timer, server: { allowHalfOpen: true } });
    const first = connection.close(4000);
    const second = connection.close(4001);
    expect((await peer.nextFrame()).payload.readUInt16BE(0)).toBe(4000);
    const left = gone(peer.socket);
    timer.fireAll();
    await first;
    await second;
    await connection.close();
    peer.socket.end();
    await left;
    expect(timer.scheduled.size).toBe(0);

    const lost = await rawPair({ timer });
    lost.peer.socket.resetAndDestroy();
    await readAll(lost.connection);
    await lost.connection.close();
    expect(timer.scheduled.size).toBe(0);
  });

  it("takes a peer that leaves without an answer for a clean end", async () => {
    for (const leave of ["end", "resetAndDestroy"] as const) {
      const { connection, peer } = await rawPair();
      const closed = connection.close();
      await peer.nextFrame();
      peer.socket[leave]();
      await closed;
      expect(await readAll(connection)).toEqual({ frames: [], error: undefined });
      expect(connection.end).toEqual({ error: undefined });
    }
  });
});
