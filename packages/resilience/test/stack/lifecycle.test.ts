import type { LifecycleSnapshot, ReceivedFrame } from "@oath-ws/contract";
import { accept, acceptWith, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { startReader } from "./support/reader.js";
import { DEAD_MS, Rig, sendNumbers, takeAll, texts } from "./support/rig.js";

const TEXT = (text: string) => ({ kind: "text", data: new TextEncoder().encode(text) }) as const;

describe("the numbers of a snapshot", () => {
  it("tell a watcher that looks once that the feed went down five times meanwhile", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const before = connection.lifecycle.snapshot;
    for (let epoch = 2; epoch <= 6; epoch++) {
      await rig.world.run(60_000);
      rig.peer.reset();
      await rig.untilEpoch(connection, epoch);
    }
    const after = connection.lifecycle.snapshot;
    expect(after).toMatchObject({
      phase: "resumed",
      epoch: before.epoch + 5,
      downSince: undefined,
      cause: { code: "SOCKET_LOST" },
    });
    const downMs = rig.traced("transition").reduce((sum, { at, from, to }) => {
      return to.downSince === undefined && from.downSince !== undefined
        ? sum + at - from.downSince
        : sum;
    }, 0);
    expect(downMs).toBeGreaterThan(0);
    expect(after.totalDownMs).toBeCloseTo(downMs, 6);
  });

  it("show an outage as a level from its first instant, and as a total only when it is over", async () => {
    const rig = new Rig({ script: [accept({ afterMs: 2_000 }), accept({ afterMs: 3_000 })] });
    const connection = await rig.start();
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connecting",
      epoch: 0,
      downSince: 0,
      totalDownMs: 0,
      attempts: 0,
    });
    await rig.untilEpoch(connection, 1);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connected",
      downSince: undefined,
      totalDownMs: 2_000,
    });
    await rig.world.run(20_000);
    rig.peer.reset();
    await rig.world.settle();
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "reconnecting",
      downSince: 22_000,
      totalDownMs: 2_000,
      attempts: 1,
    });
    await rig.untilEpoch(connection, 2);
    const { at } = rig.leaf.dials[1] ?? { at: Number.NaN };
    expect(connection.lifecycle.snapshot.downSince).toBeUndefined();
    expect(connection.lifecycle.snapshot.totalDownMs).toBeCloseTo(2_000 + (at - 22_000) + 3_000, 6);
  });

  it("count every stale spell, also when a quick recovery hides it from a slow watcher", async () => {
    const rig = new Rig({ mock: { autoPong: false } });
    const connection = await rig.up();
    for (let spell = 1; spell <= 3; spell++) {
      await rig.untilPhase(connection, "stale");
      rig.peer.text("back");
      await rig.world.settle();
      expect(connection.lifecycle.snapshot).toMatchObject({
        phase: "connected",
        epoch: 1,
        staleCount: spell,
      });
    }
  });

  it("never fall, whatever happens", async () => {
    const rig = new Rig({ mock: { autoPong: false }, config: { buffer: { maxFrames: 2 } } });
    const seen: LifecycleSnapshot[] = [];
    const connection = await rig.start();
    seen.push(connection.lifecycle.snapshot);
    connection.lifecycle.subscribe(() => seen.push(connection.lifecycle.snapshot));
    await rig.untilEpoch(connection, 1);
    sendNumbers(rig.peer, 1, 10);
    await rig.world.run(DEAD_MS + 5_000);
    connection.trigger.forceReconnect();
    await rig.world.run(12_000);
    rig.peer.text("alive");
    sendNumbers(rig.peer, 1, 10);
    await rig.world.settle();
    rig.peer.close(1012);
    await rig.world.run(10_000);
    await rig.world.complete(connection.control.shutdown());
    await rig.world.settle();
    expect(new Set(seen.map(({ phase }) => phase))).toEqual(
      new Set(["connecting", "connected", "stale", "reconnecting", "resumed", "closed"]),
    );
    for (const key of [
      "epoch",
      "attempts",
      "staleCount",
      "totalDownMs",
      "totalLagged",
      "totalLaggedBytes",
    ] as const) {
      const values = seen.map((snapshot) => snapshot[key]);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
      expect(values.at(-1)).toBeGreaterThan(0);
    }
    expect(connection.lifecycle.snapshot).toMatchObject({
      epoch: 4,
      staleCount: 2,
      totalLagged: 8 + 10 + 1,
    });
  });

  it("are in an immutable object that is replaced when a field changes and kept when none does", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const { snapshot } = connection.lifecycle;
    expect(Object.isFrozen(snapshot)).toBe(true);
    for (let i = 0; i < 20; i++) {
      rig.peer.text("tick");
      rig.peer.ping();
      await rig.world.run(1_000);
      takeAll(connection);
    }
    await rig.world.complete(connection.sink.send("x"));
    expect(connection.lifecycle.snapshot).toBe(snapshot);
    rig.peer.reset();
    await rig.world.settle();
    expect(connection.lifecycle.snapshot).not.toBe(snapshot);
    expect(snapshot.phase).toBe("connected");
    expect(Object.isFrozen(connection.lifecycle.snapshot)).toBe(true);
  });

  it("have moved before the reader can find the hole that they explain", async () => {
    const rig = new Rig({ config: { buffer: { maxFrames: 2 } } });
    const connection = await rig.up();
    let explained: number | undefined;
    void connection.source.readable().then(() => {
      const hole = (connection.source.take()?.seq ?? 0) - 1;
      explained = connection.lifecycle.snapshot.totalLagged - hole;
    });
    sendNumbers(rig.peer, 1, 7);
    await rig.world.settle();
    expect(explained).toBe(0);
  });
});

describe("phases", () => {
  it("tell the first connection from a later one, and staleness from both", async () => {
    const rig = new Rig({ mock: { autoPong: false } });
    const connection = await rig.start();
    const phases = [connection.lifecycle.snapshot.phase];
    connection.lifecycle.subscribe(() => {
      const { phase } = connection.lifecycle.snapshot;
      if (phase !== phases.at(-1)) phases.push(phase);
    });
    await rig.untilPhase(connection, "stale");
    rig.peer.pong();
    await rig.untilPhase(connection, "stale");
    await rig.untilPhase(connection, "resumed");
    await rig.untilPhase(connection, "stale");
    rig.peer.text("data");
    await rig.untilPhase(connection, "resumed");
    await rig.world.complete(connection.control.shutdown());
    await rig.world.settle();
    expect(phases).toEqual([
      ...["connecting", "connected", "stale", "connected", "stale", "reconnecting"],
      ...["resumed", "stale", "resumed", "closed"],
    ]);
  });
});

describe("epochs across the two channels", () => {
  it("hand out no frame before the snapshot knows its epoch, early data and bursts included", async () => {
    const connections: Awaited<ReturnType<Rig["start"]>>[] = [];
    const early: { frame: ReceivedFrame; known: number }[] = [];
    const rig = new Rig({
      seed: 3,
      shuffleTurns: true,
      otherwise: acceptWith([TEXT("early 1"), TEXT("early 2")]),
      // The most impatient reader there is: it looks at every trace event, in the middle of the
      // actor's turns.
      onTrace: () => {
        const [connection] = connections;
        const frame = connection?.source.take();
        if (connection !== undefined && frame !== undefined)
          early.push({ frame, known: connection.lifecycle.snapshot.epoch });
      },
    });
    const connection = await rig.start();
    connections.push(connection);
    for (let epoch = 1; epoch <= 10; epoch++) {
      await rig.untilEpoch(connection, epoch);
      sendNumbers(rig.peer, 1, 5);
      rig.peer.reset();
      await rig.world.settle();
    }
    expect(early.length).toBeGreaterThan(10);
    expect(early.filter(({ frame, known }) => frame.epoch > known)).toEqual([]);
  });

  it("hand a waiting for await the epoch's first frame when the snapshot already shows the epoch", async () => {
    const rig = new Rig({ otherwise: acceptWith([TEXT("early")]) });
    const connection = await rig.start();
    const reader = startReader(connection, rig.world);
    for (let epoch = 1; epoch <= 5; epoch++) {
      await rig.untilEpoch(connection, epoch);
      await rig.world.settle();
      rig.peer.reset();
    }
    await rig.world.settle();
    expect(reader.frames.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
    expect(reader.epochsSeen).toEqual([1, 2, 3, 4, 5]);
  });

  it("let the frames of an older epoch out first, marked with theirs", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.text("one");
    rig.peer.close(1001);
    await rig.untilEpoch(connection, 2);
    rig.peer.text("two");
    await rig.world.settle();
    const frames = takeAll(connection);
    expect(texts(frames)).toEqual(["one", "two"]);
    expect(frames.map(({ epoch, seq }) => ({ epoch, seq }))).toEqual([
      { epoch: 1, seq: 1 },
      { epoch: 2, seq: 2 },
    ]);
  });

  it("stamp the error of a lost connection with the epoch that it ended", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    expect(connection.lifecycle.snapshot.cause).toMatchObject({ code: "SOCKET_LOST", epoch: 1 });
    rig.leaf.enqueue(refuse({ status: 503 }));
    rig.peer.close(1001);
    await rig.world.runUntil(() => connection.lifecycle.snapshot.cause?.status === 503);
    expect(connection.lifecycle.snapshot.cause).not.toHaveProperty("epoch");
  });
});
