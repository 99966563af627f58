import { describe, expect, it } from "vitest";
import { changed } from "./support/changed-leaf.js";
import { startReader } from "./support/reader.js";
import { DEAD_MS, PROBE_MS, Rig, STALE_MS } from "./support/rig.js";

describe("a connector that holds back what it has read", () => {
  it("is not taken for a silent peer, however long it takes; the peer's silence counts after it", async () => {
    let isPaused = true;
    const rig = new Rig({
      wrap: changed(() => ({
        get isPaused() {
          return isPaused;
        },
      })),
    });
    const connection = await rig.up();
    rig.peer.goSilent();
    await rig.world.run(5 * DEAD_MS);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", staleCount: 0 });
    expect(rig.traced("probe")).toEqual([]);
    isPaused = false;
    await rig.world.run(DEAD_MS);
    expect(connection.lifecycle.snapshot).toMatchObject({ cause: { code: "PEER_SILENT" } });
  });
});

describe("a half-open connection", () => {
  it("is probed, called stale and given up at the three marks, exactly", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.text("last");
    await rig.world.run(2_000);
    rig.peer.goSilent();
    await rig.world.run(PROBE_MS - 2_000 - 1);
    expect(rig.traced("probe")).toEqual([]);
    await rig.world.run(1);
    expect(rig.traced("probe")).toMatchObject([{ at: PROBE_MS, silentMs: PROBE_MS }]);
    await rig.world.run(STALE_MS - PROBE_MS - 1);
    expect(connection.lifecycle.snapshot.phase).toBe("connected");
    await rig.world.run(1);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "stale",
      epoch: 1,
      staleCount: 1,
      downSince: undefined,
    });
    await rig.world.run(DEAD_MS - STALE_MS - 1);
    expect(connection.lifecycle.snapshot.phase).toBe("stale");
    await rig.world.run(1);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "reconnecting",
      downSince: DEAD_MS,
      cause: { kind: "timeout", code: "PEER_SILENT", epoch: 1 },
    });
    expect(rig.leaf.peers[0]?.destroyedByClient).toBe(true);
    await rig.untilEpoch(connection, 2);
  });

  it("is noticed within deadAfterMs by the configured marks", async () => {
    const rig = new Rig({
      config: { liveness: { probeAfterMs: 100, staleAfterMs: 200, deadAfterMs: 300 } },
    });
    const connection = await rig.up();
    rig.peer.goSilent();
    await rig.world.run(300);
    expect(connection.lifecycle.snapshot.cause?.code).toBe("PEER_SILENT");
  });

  it("is noticed also while our sends pile up in it", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.stopReading();
    rig.peer.goSilent();
    const fates: string[] = [];
    for (let t = 0; t < DEAD_MS; t += 1_000) {
      connection.sink.send("order").then(
        () => fates.push("sent"),
        (error: { code: string }) => fates.push(error.code),
      );
      await rig.world.run(1_000);
    }
    await rig.world.settle();
    expect(connection.lifecycle.snapshot.phase).toBe("reconnecting");
    expect(fates).toEqual(Array.from({ length: 15 }, () => "SEND_FATE_UNKNOWN"));
  });

  it("delivers what TCP repeats when the line heals in time, without a new epoch", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const reader = startReader(connection, rig.world);
    rig.peer.goSilent();
    rig.peer.text("held up");
    await rig.untilPhase(connection, "stale");
    expect(reader.frames).toEqual([]);
    rig.peer.heal();
    await rig.world.settle();
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connected",
      epoch: 1,
      staleCount: 1,
    });
    expect(reader.frames).toMatchObject([{ epoch: 1, seq: 1, receivedAt: STALE_MS }]);
  });
});

describe("stale", () => {
  it.each(["data", "pong", "ping"] as const)(
    "is cleared by %s, without touching the epoch",
    async (what) => {
      const rig = new Rig({ mock: { autoPong: false } });
      const connection = await rig.up();
      await rig.untilPhase(connection, "stale");
      await rig.world.run(3_000);
      if (what === "data") rig.peer.text("hello");
      else rig.peer[what]();
      await rig.world.settle();
      expect(connection.lifecycle.snapshot).toMatchObject({
        phase: "connected",
        epoch: 1,
        staleCount: 1,
        cause: undefined,
      });
      // The silence is counted again from here.
      await rig.world.run(STALE_MS - 1);
      expect(connection.lifecycle.snapshot.phase).toBe("connected");
      await rig.world.run(1);
      expect(connection.lifecycle.snapshot).toMatchObject({ phase: "stale", staleCount: 2 });
    },
  );

  it("does not come while a message too big for one read trickles in", async () => {
    const rig = new Rig({ mock: { autoPong: false } });
    const connection = await rig.up();
    for (let t = 0; t < 60_000; t += 1_000) {
      rig.peer.partial();
      await rig.world.run(1_000);
    }
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connected",
      epoch: 1,
      staleCount: 0,
    });
    expect(connection.lifecycle.lastInboundAt).toBe(59_000);
    expect(connection.lifecycle.lastDataAt).toBeUndefined();
  });

  it("does not stop sends, and a send is no sign of life", async () => {
    const rig = new Rig({ mock: { autoPong: false } });
    const connection = await rig.up();
    await rig.untilPhase(connection, "stale");
    await rig.world.complete(connection.sink.send("still there?"));
    expect(rig.peer.receivedTexts).toEqual(["still there?"]);
    expect(connection.lifecycle.snapshot.phase).toBe("stale");
    await rig.world.run(DEAD_MS - STALE_MS);
    expect(connection.lifecycle.snapshot.phase).toBe("reconnecting");
  });
});

describe("a peer that is mute: pongs, no data", () => {
  it("is not judged, however long, but what the adapter needs to judge it is there", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.text("the last tick");
    await rig.world.run(24 * 3_600_000);
    const { lifecycle } = connection;
    expect(lifecycle.snapshot).toMatchObject({ phase: "connected", epoch: 1, staleCount: 0 });
    expect(lifecycle.lastDataAt).toBe(0);
    expect(rig.now - (lifecycle.lastInboundAt ?? 0)).toBeLessThanOrEqual(PROBE_MS);
    expect(lifecycle.isFresh(60_000)).toBe(false);
    connection.trigger.forceReconnect("no trade in a day");
    await rig.untilEpoch(connection, 2);
    expect(lifecycle.snapshot.cause?.code).toBe("FORCED");
    expect(lifecycle.snapshot.cause?.message).toContain("no trade in a day");
  });
});

describe("probes", () => {
  it("go out once for each silence, and not while data flows", async () => {
    const rig = new Rig();
    await rig.up();
    for (let t = 0; t < 60; t++) {
      rig.peer.text("tick");
      await rig.world.run(1_000);
    }
    expect(rig.traced("probe")).toEqual([]);
    await rig.world.run(60_000);
    // Each pong starts the silence again.
    expect(rig.traced("probe").map(({ at }) => at)).toEqual(
      Array.from({ length: 12 }, (_, i) => 59_000 + PROBE_MS * (i + 1)),
    );
    expect(rig.peer.received.filter(({ kind }) => kind === "ping")).toHaveLength(12);
  });

  it("are left out where the leaf cannot send them: silence alone then decides", async () => {
    const rig = new Rig({ mock: { controlFrames: false } });
    const connection = await rig.up();
    await rig.world.run(DEAD_MS - 1);
    expect(rig.traced("probe")).toEqual([]);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "stale", epoch: 1 });
    await rig.world.run(1);
    expect(connection.lifecycle.snapshot.cause?.code).toBe("PEER_SILENT");
  });
});

describe("a blocked event loop", () => {
  it.each([1_000, STALE_MS, DEAD_MS, 10 * DEAD_MS, 3_600_000])(
    "of %d ms does not kill a healthy connection, nor call it stale",
    async (ms) => {
      const rig = new Rig();
      const connection = await rig.up();
      rig.peer.text("before");
      await rig.world.run(1_000);
      await rig.world.stall(ms);
      await rig.world.run(STALE_MS * 3);
      expect(connection.lifecycle.snapshot).toMatchObject({
        phase: "connected",
        epoch: 1,
        staleCount: 0,
      });
      if (ms > PROBE_MS)
        expect(rig.traced("stall")).toMatchObject([{ slept: false, at: 1_000 + ms }]);
    },
  );

  it("reads what the socket already holds before anything is judged", async () => {
    const rig = new Rig({ mock: { autoPong: false } });
    const connection = await rig.up();
    const reader = startReader(connection, rig.world);
    for (const afterMs of [5_000, 20_000])
      rig.world.timer.scheduleArrival(afterMs, () => rig.peer.text(`sent at ${afterMs}`));
    await rig.world.stall(60_000);
    expect(reader.frames.map((frame) => frame.text())).toEqual(["sent at 5000", "sent at 20000"]);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connected",
      epoch: 1,
      staleCount: 0,
    });
  });

  it("is followed by a probe at once, and a peer that is really gone is still noticed", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.goSilent();
    await rig.world.stall(60_000);
    expect(rig.traced("probe").map(({ at }) => at)).toEqual([60_000]);
    await rig.world.run(DEAD_MS - PROBE_MS);
    expect(connection.lifecycle.snapshot.cause?.code).toBe("PEER_SILENT");
    await rig.untilEpoch(connection, 2);
  });

  it("that recurs for ever does not hide a dead peer for ever", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.goSilent();
    // Every second timer is late by more than what counts as punctual.
    for (let i = 0; i < 60; i++) {
      await rig.world.run(1_000);
      await rig.world.stall(1_000);
    }
    expect(connection.lifecycle.snapshot.epoch).toBe(2);
  });

  it("whose every timer is late does not hide a dead peer for ever either", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.goSilent();
    // Promise 1: the consumer cannot miss a break. Two minutes are eight times deadAfterMs.
    for (let i = 0; i < 60; i++) await rig.world.stall(2_000);
    expect(connection.lifecycle.snapshot.cause?.code).toBe("PEER_SILENT");
  });

  it("during a dial or a backoff only delays it", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.reset();
    await rig.world.settle();
    await rig.world.stall(3_600_000);
    await rig.world.run(1_000);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "resumed",
      epoch: 2,
      attempts: 2,
    });
  });
});

describe("a machine that slept", () => {
  it.each([10_000, 3_600_000, 7 * 86_400_000])(
    "for %d ms reports it, probes at once and keeps a live connection",
    async (ms) => {
      const rig = new Rig();
      const connection = await rig.up();
      await rig.world.run(3_000);
      rig.world.timer.sleep(ms);
      await rig.world.run(60_000);
      expect(connection.lifecycle.snapshot).toMatchObject({
        phase: "connected",
        epoch: 1,
        staleCount: 0,
      });
      expect(rig.traced("stall")).toMatchObject([{ slept: true, at: PROBE_MS }]);
      expect(rig.traced("probe")[0]).toMatchObject({ at: PROBE_MS });
    },
  );

  it("notices a connection that died meanwhile within the usual time", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.goSilent();
    await rig.world.run(4_000);
    rig.world.timer.sleep(3_600_000);
    await rig.world.run(DEAD_MS);
    expect(connection.lifecycle.snapshot.cause?.code).toBe("PEER_SILENT");
  });

  it("is not seen in a wall clock that is set back, nor in one that drifts", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.world.timer.stepWall(-3_600_000);
    await rig.world.run(30_000);
    for (let i = 0; i < 30; i++) {
      rig.world.timer.stepWall(50);
      await rig.world.run(1_000);
    }
    expect(rig.traced("stall")).toEqual([]);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", staleCount: 0 });
  });
});
