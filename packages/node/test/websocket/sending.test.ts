import { once } from "node:events";
import type { PartialConfig } from "@oath-ws/resilience";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect, startServer, tcpOf, thrownBy } from "./support/server.js";

describe("send() throws", () => {
  it("while connecting, and leaves nothing behind", async () => {
    const server = await startServer();
    const { socket, story } = connect(server.url);
    expect(thrownBy(() => socket.send("early"))).toMatchObject({
      name: "InvalidStateError",
      cause: { code: "NOT_CONNECTED" },
    });
    await story.nth("open");
    const message = once(await server.socket(0), "message") as Promise<[Buffer]>;
    socket.send("in time");
    expect(String((await message)[0])).toBe("in time");
    expect(story.of("error")).toEqual([]);
  });

  it("from the close event on, until the next open", async () => {
    const server = await startServer();
    const { socket, story } = connect(server.url);
    const thrown: unknown[] = [];
    socket.addEventListener("close", () => thrown.push(thrownBy(() => socket.send("between"))));
    await story.nth("open");
    (await server.socket(0)).terminate();
    await story.nth("open", 2);
    expect(thrown).toMatchObject([{ name: "InvalidStateError", cause: { code: "NOT_CONNECTED" } }]);
    socket.send("again");
  });

  it("once it was closed, where the standard says nothing", async () => {
    const server = await startServer();
    const { socket, story } = connect(server.url);
    await story.nth("open");
    socket.close();
    expect(thrownBy(() => socket.send("late"))).toMatchObject({
      name: "InvalidStateError",
      cause: { code: "SHUT_DOWN" },
    });
    await story.nth("close");
    expect(thrownBy(() => socket.send("late"))).toMatchObject({
      name: "InvalidStateError",
      cause: { code: "SHUT_DOWN" },
    });
  });

  it("for a Blob, whose bytes come only later", async () => {
    const server = await startServer();
    const { socket, story } = connect(server.url);
    await story.nth("open");
    const error = thrownBy(() => socket.send(new Blob(["x"]) as never));
    expect(error).toMatchObject({ code: "FRAME_INVALID" });
    expect((error as Error).message).toContain("blob.arrayBuffer()");
    expect(thrownBy(() => socket.send(Symbol("x") as never))).toBeInstanceOf(TypeError);
    expect(socket.bufferedAmount).toBe(0);
  });
});

describe("a frame that send() took", () => {
  it("and that did not leave with its connection is an unsent event, and is not sent on the next one", async () => {
    const server = await startServer();
    // The second frame has to wait for the limit, which outlasts the connection.
    const { socket, story } = connect(server.url, {
      config: { send: { rateLimit: { max: 1, windowMs: 60_000 } } },
    });
    await story.nth("open");
    const first = once(await server.socket(0), "message");
    const buffered: number[] = [];
    socket.addEventListener("unsent", () => buffered.push(socket.bufferedAmount));
    socket.send("leaves");
    socket.send("waits");
    socket.send("too");
    expect(socket.bufferedAmount).toBe(14);
    await first;
    tcpOf(await server.socket(0)).resetAndDestroy();
    await story.nth("unsent", 2);
    expect(story.of("unsent")).toMatchObject([
      { data: "waits", error: { code: "EPOCH_ENDED" } },
      { data: "too", error: { code: "EPOCH_ENDED" } },
    ]);
    // A frame does not count any more when the event about it is told.
    expect(buffered).toEqual([3, 0]);
    await story.nth("open", 2);
    expect(story.of("error")).toMatchObject([{ error: { epoch: 1 } }]);
    expect(story.of("error").map(({ error }) => error.code)).not.toContain("EPOCH_ENDED");
  });

  it("belongs to the connection that was last told open, though that may be gone", async () => {
    const server = await startServer();
    const { socket, story } = connect(server.url);
    await story.nth("open");
    tcpOf(await server.socket(0)).resetAndDestroy();
    // The stack knows; the events follow in turns of their own.
    while (socket.lifecycle.snapshot.phase === "connected") await socket.lifecycle.changed();
    const isTold = socket.readyState !== socket.OPEN;
    if (!isTold) socket.send("into the gap");
    await story.nth("open", 2);
    await story.until(() => isTold || story.of("unsent").length > 0);
  });

  it("and that a peer never reads is told of before the final close", async () => {
    const server = await startServer();
    const { socket, story } = connect(server.url, {
      config: { shutdown: { timeoutMs: 20 }, send: { maxPendingBytes: 2 ** 26 } },
    });
    await story.nth("open");
    tcpOf(await server.socket(0)).pause();
    // More than the kernels take between them.
    for (let index = 0; index < 32; index++) socket.send(new Uint8Array(1024 * 1024));
    socket.close();
    await story.nth("close");
    expect(story.of("unsent").length).toBeGreaterThan(0);
    expect(new Set(story.words)).toEqual(
      new Set(["open 1", "unsent SEND_FATE_UNKNOWN", "close 1006"]),
    );
    expect(story.words.at(-1)).toBe("close 1006");
    expect(socket.bufferedAmount).toBe(0);
  });

  it("may be changed at once, though it waits", async () => {
    const server = await startServer();
    const { socket, story } = connect(server.url, { whileDown: "wait" });
    const bytes = Buffer.from("before");
    socket.send(bytes);
    bytes.write("after!");
    const [data] = (await once(await server.socket(0), "message")) as [Buffer];
    expect(data.toString()).toBe("before");
    await story.nth("open");
  });
});

describe('with whileDown: "wait"', () => {
  it("frames go out on the next connection, after what the open listeners send", async () => {
    const server = await startServer();
    const { socket, story } = connect(server.url, { whileDown: "wait" });
    socket.addEventListener("open", ({ epoch }) => socket.send(`login ${epoch}`));
    socket.send("order 1");
    const got: string[] = [];
    const collect = async (index: number): Promise<void> => {
      const peer = await server.socket(index);
      peer.on("message", (data: Buffer) => got.push(data.toString()));
      while (got.length < 2 * (index + 1)) await once(peer, "message");
    };
    await collect(0);
    expect(got).toEqual(["login 1", "order 1"]);
    socket.addEventListener("close", () => socket.send("order 2"), { once: true });
    (await server.socket(0)).terminate();
    await story.nth("close");
    await collect(1);
    expect(got).toEqual(["login 1", "order 1", "login 2", "order 2"]);
    expect(socket.bufferedAmount).toBe(0);
  });

  it("frames that wait too long, or are too many, are unsent events", async () => {
    const server = await startServer();
    const { socket, story } = connect(server.url.replace(/:\d+/, ":1"), {
      whileDown: "wait",
      whileDownDeadlineMs: 10,
      config: { send: { maxPending: 1 } },
    });
    socket.send("waits in vain");
    socket.send("has no place");
    const codes = (): string[] => story.of("unsent").map(({ error }) => error.code);
    await story.until(
      () => codes().includes("SEND_QUEUE_FULL") && codes().includes("SEND_DEADLINE"),
    );
    expect(socket.bufferedAmount).toBe(0);
  });

  it("frames that still wait when it is closed are unsent events", async () => {
    const server = await startServer();
    server.refuse(500, 500, 500, 500);
    const { socket, story } = connect(server.url, {
      whileDown: "wait",
      config: { backoff: { minMs: 60_000, maxMs: 60_000 } },
    });
    socket.send("waits");
    await story.nth("error");
    socket.close();
    await story.nth("close");
    expect(story.words).toEqual([
      "error UPGRADE_REFUSED",
      "unsent SHUT_DOWN",
      "error SHUT_DOWN",
      "close 1006",
    ]);
  });
});

describe("a peer that goes on sending and does not read", () => {
  const HOUR = 3_600_000;
  const QUIET = { probeAfterMs: 20, staleAfterMs: HOUR, deadAfterMs: 2 * HOUR } as const;

  /** Its socket holds more than the kernels take between them. */
  async function stalled(config: PartialConfig): Promise<ReturnType<typeof connect>> {
    const server = await startServer();
    const sending = { maxPendingBytes: 2 ** 26, ...config.send };
    const client = connect(server.url, { config: { ...config, send: sending } });
    await client.story.nth("open");
    const peer = await server.socket(0);
    tcpOf(peer).pause();
    const ticking = setInterval(() => peer.send("tick"), 5);
    onTestFinished(() => clearInterval(ticking));
    for (let index = 0; index < 32; index++) client.socket.send(new Uint8Array(1024 * 1024));
    return client;
  }

  it("is left, with an error for the stall and word of every frame it held", async () => {
    const { socket, story } = await stalled({ liveness: { ...QUIET, writeStallMs: 100 } });
    const { cause, willReconnect } = await story.nth("close");
    expect({ cause, willReconnect }).toMatchObject({
      cause: { kind: "timeout", code: "WRITE_STALLED", epoch: 1 },
      willReconnect: true,
    });
    await story.nth("open", 2);
    await story.until(() => socket.bufferedAmount === 0);
    expect(new Set(story.words.filter((word) => /^(error|unsent)/.test(word)))).toEqual(
      new Set(["unsent SEND_FATE_UNKNOWN", "error WRITE_STALLED"]),
    );
    socket.close(1000);
    expect(await story.nth("close", 2)).toMatchObject({ code: 1000, wasClean: true });
  });

  it("does not hold up close(), whose time is the shutdown's and not the stall's", async () => {
    const { socket, story } = await stalled({
      liveness: { ...QUIET, writeStallMs: HOUR },
      shutdown: { timeoutMs: 20 },
    });
    await story.nth("message");
    socket.close();
    expect(await story.nth("close")).toMatchObject({ willReconnect: false, wasClean: false });
    expect(new Set(story.of("unsent").map(({ error }) => error.code))).toEqual(
      new Set(["SEND_FATE_UNKNOWN"]),
    );
    expect(story.of("error")).toEqual([]);
    expect(socket.bufferedAmount).toBe(0);
  });

  it("does not hold up a close() that is called when the stall is told", async () => {
    const { socket, story } = await stalled({ liveness: { ...QUIET, writeStallMs: 100 } });
    socket.addEventListener("close", () => socket.close(), { once: true });
    await story.until(() => story.of("close").some(({ willReconnect }) => !willReconnect));
    expect(socket.readyState).toBe(socket.CLOSED);
    expect(socket.bufferedAmount).toBe(0);
  });
});
