import { once } from "node:events";
import { open } from "oath-ws";
import { describe, expect, it } from "vitest";
import { rawSocket, startServer, until } from "./support.js";

/** Reads until `last` has come out; returns the numbers delivered and the holes in `seq`. */
async function readUntil(source: Awaited<ReturnType<typeof open>>["source"], last: string) {
  const delivered: { text: string; seq: number }[] = [];
  let holes = 0;
  let lastSeq = 0;
  for await (const frame of source) {
    holes += frame.seq - lastSeq - 1;
    lastSeq = frame.seq;
    delivered.push({ text: frame.text(), seq: frame.seq });
    if (frame.text() === last) break;
  }
  return { delivered, holes };
}

describe("a frame that reached the socket", () => {
  it("is delivered or counted when the consumer stops reading", async () => {
    await using server = await startServer();
    await using feed = await open(server.url, { config: { buffer: { maxFrames: 100 } } });
    const peer = await server.socket(0);
    const total = 20_000;
    for (let i = 1; i <= total; i++) peer.send(String(i));
    // The answer to a ping that follows the frames says that the client has taken them all, while
    // without a reader.
    peer.ping("all");
    await once(peer, "pong");
    const { delivered, holes } = await readUntil(feed.source, String(total));
    const { totalLagged, totalLaggedBytes } = feed.lifecycle.snapshot;
    expect(delivered.length + totalLagged).toBe(total);
    expect(holes).toBe(totalLagged);
    expect(totalLagged).toBe(total - 100);
    expect(delivered.every(({ text, seq }) => text === String(seq))).toBe(true);
    const allBytes = Array.from({ length: total }, (_, i) => String(i + 1).length).reduce(
      (a, b) => a + b,
    );
    const deliveredBytes = delivered.map(({ text }) => text.length).reduce((a, b) => a + b);
    expect(deliveredBytes + totalLaggedBytes).toBe(allBytes);
  });

  it("is delivered or counted across epochs, and the older epoch comes out first", async () => {
    await using server = await startServer();
    await using feed = await open(server.url, {
      config: { backoff: { minMs: 1 }, buffer: { maxFrames: 50 } },
    });
    for (const epoch of [1, 2, 3]) {
      const peer = await server.socket(epoch - 1);
      for (let i = 0; i < 30; i++) peer.send(`${epoch}`);
      peer.ping();
      await once(peer, "pong");
      if (epoch < 3) rawSocket(peer).resetAndDestroy();
      await until(feed.lifecycle, (now) => now.epoch > epoch || epoch === 3);
    }
    const frames: { epoch: number; seq: number; text: string }[] = [];
    for (let frame = feed.source.take(); frame !== undefined; frame = feed.source.take()) {
      frames.push({ epoch: frame.epoch, seq: frame.seq, text: frame.text() });
    }
    expect(frames.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, i) => 41 + i));
    expect(frames.every(({ epoch, text }) => text === String(epoch))).toBe(true);
    expect(feed.lifecycle.snapshot.totalLagged).toBe(40);
  });

  it("is delivered when it came in the same packet as the upgrade response", async () => {
    await using server = await startServer();
    server.server.on("connection", (socket) => {
      socket.send("early");
    });
    await using feed = await open(server.url);
    await feed.source.readable();
    expect(feed.source.take()?.text()).toBe("early");
  });
});

describe("a ping", () => {
  it("is answered while the consumer is stuck, the buffer is full and the send limit is used up", async () => {
    await using server = await startServer();
    await using feed = await open(server.url, {
      config: { buffer: { maxFrames: 4 }, send: { rateLimit: { max: 2, windowMs: 3_600_000 } } },
    });
    const peer = await server.socket(0);
    const received = once(peer, "message");
    await feed.sink.send("the first of this hour");
    await feed.sink.send("the last of this hour");
    await received;
    const held = expect(feed.sink.send("waits for its turn")).rejects.toMatchObject({
      code: "SHUT_DOWN",
    });
    for (let i = 0; i < 100; i++) peer.send("x");
    const pong = once(peer, "pong");
    peer.ping("are you there?");
    expect(String((await pong)[0])).toBe("are you there?");
    expect(feed.lifecycle.snapshot.totalLagged).toBe(96);
    await feed.control.shutdown();
    await held;
  });
});

describe("the source", () => {
  it("stays usable after break, and refuses a second reader meanwhile", async () => {
    await using server = await startServer();
    await using feed = await open(server.url);
    const peer = await server.socket(0);
    peer.send("1");
    peer.send("2");
    for await (const frame of feed.source) {
      expect(frame.text()).toBe("1");
      expect(() => feed.source[Symbol.asyncIterator]()).toThrow(
        expect.objectContaining({ code: "READER_BUSY" }),
      );
      break;
    }
    await feed.source.readable();
    expect(feed.source.take()?.text()).toBe("2");
    await feed.sink.send("still here");
    expect(feed.lifecycle.snapshot).toMatchObject({ phase: "connected", epoch: 1 });
  });

  it("ends on shutdown after what is buffered", async () => {
    await using server = await startServer();
    const feed = await open(server.url);
    const peer = await server.socket(0);
    peer.send("last words");
    await feed.source.readable();
    await feed.control.shutdown();
    const rest: string[] = [];
    for await (const frame of feed.source) rest.push(frame.text());
    expect(rest).toEqual(["last words"]);
  });
});
