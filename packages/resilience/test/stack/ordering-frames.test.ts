import type { LifecycleSnapshot, ReceivedFrame, ReconnectingConnection } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import type { MockReceived } from "@oath-ws/testing";
import { turnSpawn } from "../../src/primitives/turn-spawn.js";
import { watch } from "./support/outcome.js";
import { PROBE_MS, Rig, sendNumbers, takeAll, texts } from "./support/rig.js";
import { startReader } from "./support/reader.js";

function byKind(
  received: readonly MockReceived[],
  kind: MockReceived["kind"],
): readonly MockReceived[] {
  return received.filter((frame) => frame.kind === kind);
}

/** The most frames that left in any window of `windowMs`. */
function busiest(times: readonly number[], windowMs: number): number {
  return Math.max(
    0,
    ...times.map((start) => times.filter((at) => at >= start && at < start + windowMs).length),
  );
}

/** Waits for a frame. Resolves with it, and with the snapshot that its reader finds. */
async function firstOf({ source, lifecycle }: ReconnectingConnection): Promise<{
  readonly frame: ReceivedFrame | undefined;
  readonly snapshot: LifecycleSnapshot;
}> {
  await source.readable();
  return { frame: source.take(), snapshot: lifecycle.snapshot };
}

describe("receive axis: socket > heartbeat > buffer > source", () => {
  it("answers a ping with a stuck reader, a full ring and an exhausted send limit, in no time", async () => {
    const rig = new Rig({
      config: {
        buffer: { maxFrames: 4 },
        send: { rateLimit: { max: 2, windowMs: 60_000, slackMs: 0 } },
      },
    });
    const connection = await rig.up();
    const sends = ["a", "b", "c"].map((text) => watch(connection.sink.send(text)));
    sendNumbers(rig.peer, 1, 100);
    await rig.world.settle();
    expect(sends.map(({ state }) => state)).toEqual(["resolved", "resolved", "pending"]);
    expect(connection.lifecycle.snapshot.totalLagged).toBe(96);
    const at = rig.now;
    rig.peer.ping("are you there");
    await rig.world.settle();
    expect(
      byKind(rig.peer.received, "pong").map(({ data }) => new TextDecoder().decode(data)),
    ).toEqual(["are you there"]);
    expect(byKind(rig.peer.received, "pong")[0]?.at).toBe(at);
    expect(sends[2]?.state).toBe("pending");
  });

  it("lets the reader run before the turn, with a snapshot that tells of what was lost", async () => {
    // As in a process; the turns of a world run before all promises.
    const spawn = turnSpawn({ soon: queueMicrotask, later: setImmediate });
    const rig = new Rig({ config: { buffer: { maxFrames: 2 } }, stack: { spawn } });
    const connection = await rig.up();
    const reading = (async () => {
      await connection.source.readable();
      // A loss is traced in the turn.
      return { traced: rig.traced("lag").length, ...(await firstOf(connection)) };
    })();
    sendNumbers(rig.peer, 1, 5);
    const { traced, frame, snapshot } = await rig.world.complete(reading);
    expect([traced, frame?.seq]).toEqual([0, 4]);
    expect(snapshot).toMatchObject({ phase: "connected", totalLagged: 3 });
  });

  it("lets the turn run before the reader, where the connection ends right behind the data", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const reading = firstOf(connection);
    sendNumbers(rig.peer, 1, 1);
    rig.peer.reset();
    const { frame, snapshot } = await rig.world.complete(reading);
    expect([frame?.seq, snapshot.phase]).toEqual([1, "reconnecting"]);
  });

  it.each(["reset", "silence"])(
    "lets the reader see the first data after a %s once the snapshot says that it sees",
    async (what) => {
      const rig = new Rig({ mock: { autoPong: false } });
      const connection = await rig.up();
      if (what === "reset") {
        rig.peer.reset();
        await rig.untilEpoch(connection, 2);
      } else {
        await rig.untilPhase(connection, "stale");
      }
      const reading = firstOf(connection);
      rig.peer.text("first");
      // A reader that was woken too early runs here.
      for (let i = 0; i < 5; i++) await Promise.resolve();
      const { frame, snapshot } = await rig.world.complete(reading);
      const phase = what === "reset" ? "resumed" : "connected";
      expect(snapshot).toMatchObject({ phase, blindSince: undefined, epoch: frame?.epoch });
    },
  );

  it("answers a ping that arrives behind a long burst of data before any of the data is read", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    sendNumbers(rig.peer, 1, 10_000);
    rig.peer.ping();
    await rig.world.settle();
    expect(byKind(rig.peer.received, "pong")).toMatchObject([{ at: rig.now }]);
    expect(takeAll(connection)).toHaveLength(10_000);
  });

  it("answers every ping while a reader is in the middle of a for await", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const reader = startReader(connection, rig.world, 1_000_000);
    rig.peer.text("slow");
    await rig.world.settle();
    for (const id of ["1", "2", "3"]) {
      rig.peer.ping(id);
      await rig.world.run(100);
    }
    expect(reader.frames).toHaveLength(1);
    expect(byKind(rig.peer.received, "pong")).toHaveLength(3);
  });

  it("keeps only the newest unanswered ping while the peer does not read", async () => {
    const rig = new Rig();
    await rig.up();
    rig.peer.stopReading();
    for (let i = 1; i <= 1_000; i++) rig.peer.ping(String(i));
    await rig.world.settle();
    rig.peer.resumeReading();
    await rig.world.settle();
    expect(
      byKind(rig.peer.received, "pong").map(({ data }) => new TextDecoder().decode(data)),
    ).toEqual(["1", "1000"]);
  });

  it("lets no control frame through to the source and gives none a place in the sequence", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.ping("x");
    rig.peer.text("a");
    rig.peer.pong("y");
    rig.peer.binary(new Uint8Array([98]));
    rig.peer.ping("z");
    await rig.world.settle();
    rig.peer.close(1001, "bye");
    await rig.world.settle();
    const frames = takeAll(connection);
    expect(frames.map(({ kind, seq, epoch }) => ({ kind, seq, epoch }))).toEqual([
      { kind: "text", seq: 1, epoch: 1 },
      { kind: "binary", seq: 2, epoch: 1 },
    ]);
    expect(texts(frames)).toEqual(["a", "b"]);
    expect(connection.source.take()).toBeUndefined();
    expect(rig.leaf.peers[0]?.received.map(({ kind }) => kind)).toEqual(["pong", "pong", "close"]);
  });

  it("counts a pong as a sign of life but not as data", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    await rig.world.run(3_000);
    rig.peer.pong("unsolicited");
    await rig.world.settle();
    expect(connection.lifecycle.lastInboundAt).toBe(3_000);
    expect(connection.lifecycle.lastDataAt).toBeUndefined();
    await rig.world.run(PROBE_MS - 1);
    expect(rig.traced("probe")).toEqual([]);
    await rig.world.run(1);
    expect(rig.traced("probe")).toMatchObject([{ at: 3_000 + PROBE_MS, silentMs: PROBE_MS }]);
  });
});

describe("send axis: sink > rate limit > socket", () => {
  it("keeps every rolling window within the limit, however the calls are bunched", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 3, windowMs: 1_000, slackMs: 0 } } },
    });
    const connection = await rig.up();
    const sends = [];
    for (const pause of [0, 0, 900, 0, 0, 0, 150, 0, 0, 0, 400, 0]) {
      await rig.world.run(pause);
      sends.push(watch(connection.sink.send(`${sends.length}`)));
    }
    await rig.world.run(10_000);
    expect(sends.every(({ state }) => state === "resolved")).toBe(true);
    expect(rig.peer.receivedTexts).toEqual(sends.map((_, i) => `${i}`));
    const left = rig.peer.received.filter(({ kind }) => kind === "text").map(({ at }) => at);
    expect(busiest(left, 1_000)).toBe(3);
    // Not slower than it must be either: twelve frames at three a second need just over three
    // seconds.
    expect(left.at(-1)).toBeLessThanOrEqual(4_000);
  });

  it("charges pongs to the limit: a send waits for the pong to leave the window", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 2, windowMs: 1_000, slackMs: 0 } } },
    });
    const connection = await rig.up();
    rig.peer.ping();
    await rig.world.run(400);
    await rig.world.complete(connection.sink.send("one"));
    const two = watch(connection.sink.send("two"));
    await rig.world.run(599);
    expect(two.state).toBe("pending");
    await rig.world.run(1);
    expect(two.state).toBe("resolved");
    expect(rig.peer.received.map(({ kind, at }) => ({ kind, at }))).toEqual([
      { kind: "pong", at: 0 },
      { kind: "text", at: 400 },
      { kind: "text", at: 1_000 },
    ]);
  });

  it("charges our own probes to the limit", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 1, windowMs: 1_000, slackMs: 0 } } },
    });
    const connection = await rig.up();
    await rig.world.run(PROBE_MS);
    const send = watch(connection.sink.send("late"));
    await rig.world.run(999);
    expect(send.state).toBe("pending");
    await rig.world.run(1);
    expect(send.state).toBe("resolved");
    expect(rig.peer.received.map(({ kind }) => kind)).toEqual(["ping", "text"]);
  });

  it("is not delayed by a limit that pongs have overdrawn for longer than the window", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 1, windowMs: 1_000, slackMs: 0 } } },
    });
    const connection = await rig.up();
    for (let i = 0; i < 50; i++) {
      rig.peer.ping();
      await rig.world.settle();
    }
    const send = watch(connection.sink.send("x"));
    await rig.world.run(1_000);
    expect(send.state).toBe("resolved");
  });
});
