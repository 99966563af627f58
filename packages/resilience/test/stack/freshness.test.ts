import { describe, expect, it } from "vitest";
import { startReader } from "./support/reader.js";
import { Rig, STALE_MS, sendNumbers, takeAll } from "./support/rig.js";

const HOUR_MS = 3_600_000;

describe("freshness", () => {
  it("is judged by data alone: a peer that only answers pings is not fresh", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const { lifecycle } = connection;
    expect(lifecycle.lastDataAt).toBeUndefined();
    expect(lifecycle.isFresh(Number.POSITIVE_INFINITY)).toBe(false);
    rig.peer.text("tick");
    await rig.world.settle();
    takeAll(connection);
    expect(lifecycle.isFresh(0)).toBe(true);
    await rig.world.run(STALE_MS * 6);
    expect(lifecycle.snapshot).toMatchObject({ phase: "connected", staleCount: 0 });
    expect(lifecycle.lastInboundAt).toBeGreaterThan(STALE_MS * 5);
    expect(lifecycle.lastDataAt).toBe(0);
    expect(lifecycle.isFresh(STALE_MS * 6)).toBe(true);
    expect(lifecycle.isFresh(STALE_MS * 6 - 1)).toBe(false);
  });

  it("speaks of what was read: before the first read nothing is fresh", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.text("tick");
    await rig.world.settle();
    expect(connection.lifecycle.lastDataAt).toBe(0);
    expect(connection.lifecycle.isFresh(1e9)).toBe(false);
    connection.source.take();
    expect(connection.lifecycle.isFresh(0)).toBe(true);
  });

  it("is lost by a reader that falls behind, though data arrives all the time", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    startReader(connection, rig.world, 40);
    for (let i = 0; i < 100; i++) {
      sendNumbers(rig.peer, 1, 4);
      await rig.world.run(40);
    }
    const { lifecycle } = connection;
    expect(rig.now - (lifecycle.lastDataAt ?? 0)).toBeLessThanOrEqual(40);
    expect(lifecycle.isFresh(1_000)).toBe(false);
    expect(lifecycle.isFresh(4_000)).toBe(true);
    expect(lifecycle.snapshot).toMatchObject({ phase: "connected", totalLagged: 0 });
  });

  it("is lost with the connection, and data of an earlier epoch does not bring it back", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const { lifecycle } = connection;
    sendNumbers(rig.peer, 1, 2);
    rig.peer.reset();
    await rig.world.settle();
    connection.source.take();
    expect(lifecycle.isFresh(60_000)).toBe(false);
    await rig.untilEpoch(connection, 2);
    expect(lifecycle.isFresh(60_000)).toBe(false);
    rig.peer.text("tock");
    await rig.world.settle();
    expect(connection.source.take()?.epoch).toBe(1);
    expect(lifecycle.isFresh(60_000)).toBe(false);
    expect(connection.source.take()?.epoch).toBe(2);
    expect(lifecycle.isFresh(60_000)).toBe(true);
  });

  it("is lost while the feed is stale, and after shutdown", async () => {
    const rig = new Rig({ mock: { autoPong: false } });
    const connection = await rig.up();
    startReader(connection, rig.world);
    rig.peer.text("tick");
    await rig.untilPhase(connection, "stale");
    expect(connection.lifecycle.isFresh(60_000)).toBe(false);
    rig.peer.text("tock");
    await rig.world.settle();
    expect(connection.lifecycle.isFresh(60_000)).toBe(true);
    await rig.world.complete(connection.control.shutdown());
    expect(connection.lifecycle.isFresh(60_000)).toBe(false);
  });

  it("is lost by a sleep of the machine, until something comes and is read", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.text("before");
    await rig.world.settle();
    takeAll(connection);
    rig.world.timer.sleep(8 * HOUR_MS);
    expect(connection.lifecycle.isFresh(8 * HOUR_MS - 1)).toBe(false);
    await rig.world.run(1);
    rig.peer.text("after");
    await rig.world.settle();
    expect(connection.lifecycle.isFresh(60_000)).toBe(false);
    takeAll(connection);
    expect(connection.lifecycle.isFresh(0)).toBe(true);
  });

  it("is that of the oldest frame of a batch, until the reader comes back", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    const { lifecycle, source } = connection;
    rig.peer.text("1");
    await rig.world.run(300);
    rig.peer.text("2");
    await rig.world.settle();
    const batches = source.batches()[Symbol.asyncIterator]();
    expect(await rig.world.complete(batches.next())).toMatchObject({
      value: [{ seq: 1 }, { seq: 2 }],
    });
    expect([lifecycle.isFresh(299), lifecycle.isFresh(300)]).toEqual([false, true]);
    void batches.next();
    expect(lifecycle.isFresh(0)).toBe(true);
  });

  it.each([Number.NaN, -1, Number.NEGATIVE_INFINITY])("is denied for the age %d", async (age) => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.text("tick");
    await rig.world.settle();
    takeAll(connection);
    expect(connection.lifecycle.isFresh(age)).toBe(false);
  });
});

describe("buffer.maxAgeMs", () => {
  it("drops by age; the snapshot knows before the reader sees the hole, and nothing gets fresh", async () => {
    const rig = new Rig({ config: { buffer: { maxAgeMs: 1_000 } } });
    const connection = await rig.up();
    const { lifecycle, source } = connection;
    sendNumbers(rig.peer, 1, 5);
    await rig.world.run(3_000);
    expect(lifecycle.snapshot.totalLagged).toBe(0);
    expect(source.take()?.seq).toBe(5);
    expect(lifecycle.snapshot).toMatchObject({ totalLagged: 4, totalLaggedBytes: 4 });
    expect(lifecycle.isFresh(1_000)).toBe(false);
    const changed = lifecycle.changed();
    await rig.world.settle();
    expect(rig.traced("lag")).toMatchObject([{ frames: 4, bytes: 4 }]);
    void changed;
  });
});

describe("a reader that is behind", () => {
  it("shows in the snapshot and is told of, until it has caught up", async () => {
    const rig = new Rig({ config: { buffer: { staleReaderMs: 2_000 } } });
    const connection = await rig.up();
    const { lifecycle } = connection;
    const seen: (number | undefined)[] = [];
    lifecycle.subscribe(() => seen.push(lifecycle.snapshot.readerBehindSince));
    await rig.world.run(500);
    rig.peer.text("unread");
    await rig.world.run(1_999);
    expect(lifecycle.snapshot.readerBehindSince).toBeUndefined();
    await rig.world.run(1);
    expect(lifecycle.snapshot.readerBehindSince).toBe(500);
    const { snapshot } = lifecycle;
    await rig.world.run(4_000);
    expect(lifecycle.snapshot).toBe(snapshot);
    takeAll(connection);
    expect(lifecycle.snapshot.readerBehindSince).toBeUndefined();
    await rig.world.run(100);
    expect(seen).toEqual([500, undefined]);
  });

  it("shows after a sleep as soon as the snapshot is read", async () => {
    const rig = new Rig();
    const connection = await rig.up();
    rig.peer.text("unread");
    await rig.world.settle();
    rig.world.timer.sleep(HOUR_MS);
    expect(connection.lifecycle.snapshot.readerBehindSince).toBe(0);
  });

  it("costs no timer for each frame", async () => {
    const rig = new Rig({ config: { buffer: { staleReaderMs: 1_000 } } });
    const connection = await rig.up();
    startReader(connection, rig.world);
    let scheduled = 0;
    const { timer } = rig.world;
    const schedule = timer.schedule.bind(timer);
    timer.schedule = (delayMs, run) => {
      scheduled++;
      return schedule(delayMs, run);
    };
    for (let i = 0; i < 1_000; i++) {
      sendNumbers(rig.peer, 1, 5);
      timer.advance(10);
      await rig.world.settle();
    }
    expect(scheduled).toBeLessThanOrEqual(30);
  });
});

describe("notifications of a loss", () => {
  it("come at once, then once in 100 ms, the last with the final totals; the snapshot is exact", async () => {
    const rig = new Rig({ config: { buffer: { maxFrames: 1 } } });
    const connection = await rig.up();
    const { lifecycle } = connection;
    const seen: (readonly [at: number, totalLagged: number])[] = [];
    lifecycle.subscribe(() => seen.push([rig.now, lifecycle.snapshot.totalLagged]));
    let woken = 0;
    const watching = (async () => {
      let since = lifecycle.snapshot;
      while (await lifecycle.changed({ since })) {
        since = lifecycle.snapshot;
        woken++;
      }
    })();
    await rig.world.settle();
    for (let i = 0; i < 25; i++) {
      sendNumbers(rig.peer, 1, 2);
      await rig.world.settle();
      expect(lifecycle.snapshot.totalLagged).toBe(i * 2 + 1);
      await rig.world.run(10);
    }
    await rig.world.run(1_000);
    expect(seen).toEqual([
      [0, 1],
      [100, 19],
      [200, 39],
      [300, 49],
    ]);
    expect(woken).toBe(4);
    expect(rig.traced("lag").map(({ at, frames }) => [at, frames])).toEqual([
      [0, 1],
      [100, 18],
      [200, 20],
      [300, 10],
    ]);
    await rig.world.complete(connection.control.shutdown());
    await watching;
  });

  it("are out before the end of the connection, which closes the account", async () => {
    const rig = new Rig({ config: { buffer: { maxFrames: 1 } } });
    const connection = await rig.up();
    for (let i = 0; i < 3; i++) {
      sendNumbers(rig.peer, 1, 2);
      await rig.world.settle();
    }
    await rig.world.complete(connection.control.shutdown());
    expect(connection.lifecycle.snapshot.totalLagged).toBe(5);
    expect(rig.traced("lag").reduce((sum, { frames }) => sum + frames, 0)).toBe(5);
    rig.expectNothingLeft();
  });
});
