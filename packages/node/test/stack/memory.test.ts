import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { open } from "oath-ws";
import { describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { LEAF_NAMES } from "../hostile/support/hostile-row.js";
import { startChild } from "../settling/support/child.js";
import { frame, OP } from "../support/frames.js";
import { RawPeer, rawServer } from "../support/raw-server.js";

const MIB = 1024 * 1024;
const READ_BYTES = 64 * 1024;

/** A program whose reader is stuck; it says what its buffers take once it is told to. */
function stuckReader(url: string, leaf: string, maxBytes: number): string {
  return `
    import { setFlagsFromString } from "node:v8";
    import { runInNewContext } from "node:vm";
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc");
    const config = { buffer: { maxBytes: ${maxBytes} }, limits: { maxMessageBytes: ${MIB} } };
    const feed = await oath.open(${JSON.stringify(url)}, { transport: "${leaf}", config });
    say("open");
    await told;
    for (let i = 0; i < 3; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 20)); }
    console.log(process.memoryUsage().arrayBuffers);
    let frames = 0;
    while (feed.source.take() !== undefined) frames++;
    console.log(frames + feed.lifecycle.snapshot.totalLagged);
    await feed.control.shutdown({ timeoutMs: 100 });`;
}

/** A program that says how many bytes of heap each of its idle connections keeps. */
function idleConnections(url: string, count: number): string {
  return `
    import { setFlagsFromString } from "node:v8";
    import { runInNewContext } from "node:vm";
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc");
    const config = { attempts: { max: 1_000_000 } };
    const held = [];
    const more = async (count) => {
      for (let i = 0; i < count; i++)
        held.push(await oath.open(${JSON.stringify(url)}, { config }));
      for (let i = 0; i < 3; i++) { await new Promise((resolve) => setTimeout(resolve, 20)); gc(); }
      return process.memoryUsage().heapUsed;
    };
    // The first ones compile the code.
    await more(50);
    const before = await more(0);
    console.log((await more(${count}) - before) / ${count});
    say("measured");
    await told;
    process.exit();`;
}

/** As much as one read brings, of which one byte is data. */
function thinRead(): Buffer {
  const pong = frame(OP.pong, Buffer.alloc(125));
  const count = Math.floor((READ_BYTES - 3) / pong.length);
  return Buffer.concat([frame(OP.text, "x"), ...Array.from({ length: count }, () => pong)]);
}

describe.each(LEAF_NAMES)("over the %s leaf, frames that wait", (leaf) => {
  it("keep no more memory in use than buffer.maxBytes, however little of it is theirs", async () => {
    const server = await rawServer();
    const child = startChild(stuckReader(server.url, leaf, 4 * MIB));
    const peer = new RawPeer(await server.next());
    await peer.upgrade();
    await child.said("open");
    const read = thinRead();
    const reads = 600;
    for (let i = 0; i < reads; i++)
      await new Promise<void>((resolve) => peer.socket.write(read, () => resolve()));
    // The pong says that everything before the ping was read.
    peer.socket.write(frame(OP.ping, "all"));
    for (let seen = 0; seen !== OP.pong; ) seen = (await peer.nextFrame()).opcode;
    const { out } = await child.end();
    const [arrayBuffers = Number.NaN, frames] = out.map(Number);
    // 38 MiB went by. The read buffer and the like come on top of the budget.
    expect(arrayBuffers).toBeLessThan(8 * MIB);
    expect(frames).toBe(reads);
  }, 60_000);

  it("keep nothing of Node's pool, which strangers share, also when they came in parts", async () => {
    const server = await rawServer();
    const opening = open(server.url, { transport: leaf, config: { shutdown: { timeoutMs: 1 } } });
    const peer = new RawPeer(await server.next());
    await peer.upgrade();
    await using feed = await opening;
    peer.socket.write(
      Buffer.concat([frame(OP.text, "ab", { fin: false }), frame(OP.continuation, "c")]),
    );
    await feed.source.readable();
    const taken = feed.source.take();
    expect(taken?.text()).toBe("abc");
    expect(taken?.data.buffer.byteLength).toBe(3);
  });

  it("stay what they are whatever is done with the bytes of another one", async () => {
    const server = await rawServer();
    const opening = open(server.url, { transport: leaf, config: { shutdown: { timeoutMs: 1 } } });
    const peer = new RawPeer(await server.next());
    await peer.upgrade();
    await using feed = await opening;
    const payloads = Array.from({ length: 60 }, (_, i) =>
      i % 7 === 0 ? "" : `${i} ${"\u20ac".repeat(i % 3)} `.padEnd(((i * 37) % 1500) + 5, "."),
    );
    // Once more, so that what was taken away may hit later reads too.
    for (let round = 0; round < 2; round++) {
      const kinds = payloads.map((text, i) => frame(i % 2 === 0 ? OP.text : OP.binary, text));
      peer.socket.write(Buffer.concat(kinds));
      const frames = [];
      while (frames.length < payloads.length && (await feed.source.readable())) {
        const next = feed.source.take();
        if (next !== undefined) frames.push(next);
      }
      for (const [i, { data }] of frames.entries()) if (i % 3 === 0) takeAway(data);
      const kept = frames.filter((_, i) => i % 3 !== 0);
      expect(kept.map((each) => each.text())).toEqual(payloads.filter((_, i) => i % 3 !== 0));
      // Those that are empty lie in memory too, and what is done with it hits no later one.
      for (const { data } of kept) expect(() => new Uint8Array(data.buffer)).not.toThrow();
      expect(kept.map(({ data }) => new TextDecoder().decode(data))).toEqual(
        payloads.filter((_, i) => i % 3 !== 0),
      );
    }
  });
});

describe("an idle connection", () => {
  it("keeps a few kilobytes of heap", async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const child = startChild(idleConnections(`ws://127.0.0.1:${port}/`, 100));
    await child.said("measured");
    const { out } = await child.end();
    server.close();
    // Measured: 12.7 to 14.6 kB, the upper end on a machine whose cores many processes share, and
    // 15.2 on Node 26. It was 18 kB when each bound function cost 3.
    expect(Number(out[0])).toBeLessThan(16_000);
  }, 60_000);
});

/** Everything that takes memory from its owner. A platform may refuse. */
function takeAway(data: Uint8Array): void {
  const memory = data.buffer as ArrayBuffer & { transfer?: () => ArrayBuffer };
  const attempts = [
    () => structuredClone(memory, { transfer: [memory] }),
    () => new MessageChannel().port1.postMessage(memory, [memory]),
    () => memory.transfer?.(),
  ];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch {
      // Refused.
    }
  }
}
