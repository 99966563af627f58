import { describe, expect, it } from "vitest";
import { FeedRig, RENEWAL } from "./support/feed-rig.js";
import { COUNTED, UNCOUNTED } from "./support/toy-venue.js";

const HOUR_MS = 3_600_000;

describe("a mute topic", () => {
  it("goes stale while its connection is well, and live with its next event", async () => {
    const rig = new FeedRig();
    const a = rig.subscribe("a", COUNTED, { staleAfterMs: 3_000 });
    const b = rig.subscribe("b");
    await rig.until("live", a, b);
    rig.venue.publish("a");
    await rig.world.run(2_999);
    expect(a.state.snapshot.phase).toBe("live");
    await rig.world.run(1);
    expect([a, b].map(({ state }) => state.snapshot.phase)).toEqual(["stale", "live"]);
    await rig.world.run(600_000);
    expect(rig.venue.seats).toHaveLength(1);
    rig.venue.publish("a");
    await rig.world.settle();
    expect(a.state.snapshot).toMatchObject({ phase: "live", staleCount: 1 });
    await rig.world.run(3_000);
    expect(a.state.snapshot).toMatchObject({ phase: "stale", staleCount: 2 });
    await rig.end();
  });

  it("makes the connection again if that was asked for", async () => {
    const rig = new FeedRig();
    const a = rig.subscribe("a", COUNTED, { staleAfterMs: 3_000, reconnectAfterMs: 9_000 });
    await rig.until("live", a);
    await rig.world.run(8_999);
    expect(rig.venue.seats).toHaveLength(1);
    await rig.world.runUntil(() => rig.venue.seats.length === 2, 2_000);
    await rig.until("live", a);
    expect(a.state.snapshot).toMatchObject({ staleCount: 1, recoveries: 1 });
    await rig.end();
  });

  it("is judged by the shortest limit of its holders, and not because we stood still", async () => {
    const rig = new FeedRig();
    const a = rig.subscribe("a", COUNTED, { staleAfterMs: 60_000 });
    await rig.until("live", a);
    rig.subscribe("a", COUNTED, { staleAfterMs: 3_000 });
    const { seat } = rig.venue;
    // It arrives while our loop stands still, and is read after the timers that are late.
    rig.world.timer.scheduleArrival(4_000, () => rig.venue.publish("a"));
    await rig.world.stall(5_000);
    expect(a.state.snapshot).toMatchObject({ phase: "live", staleCount: 0 });
    await rig.world.run(3_000);
    expect(a.state.snapshot.phase).toBe("stale");
    expect(seat.peer.isOpen).toBe(true);
    await rig.end();
  });

  it("is stale with its connection, and live again once that is heard", async () => {
    const rig = new FeedRig();
    const [a] = await rig.live("a");
    const { peer } = rig.venue.seat;
    peer.goSilent();
    await rig.world.run(11_000);
    expect(a?.state.snapshot.phase).toBe("stale");
    peer.heal();
    await rig.world.settle();
    expect(a?.state.snapshot.phase).toBe("live");
    expect(rig.venue.seats).toHaveLength(1);
    await rig.end();
  });
});

describe("a mute connection", () => {
  const mute = {
    afterMs: 10_000,
    maxAfterMs: 40_000,
    calmMs: 600_000,
    isTelling: (topics: readonly string[]) => topics.includes("beat"),
  };

  it("is replaced after pauses that double, and short ones once it was well", async () => {
    const rig = new FeedRig({ mute });
    const beat = rig.subscribe("beat");
    await rig.until("live", beat);
    const remade: number[] = [];
    for (let second = 0; second < 200; second++) {
      if (rig.venue.seats.length > remade.length + 1) remade.push(second);
      await rig.world.run(1_000);
    }
    const pauses = remade.map((at, index) => at - (remade[index - 1] ?? 0));
    // A second or two go by until it is subscribed again.
    for (const [index, atLeast] of [10, 20, 40, 40].entries()) {
      expect(pauses[index]).toBeGreaterThanOrEqual(atLeast);
      expect(pauses[index]).toBeLessThan(atLeast + 5);
    }
    await rig.publishFor(700_000, "beat");
    rig.venue.seat.peer.reset();
    await rig.until("recovering", beat);
    await rig.until("live", beat);
    const before = rig.venue.seats.length;
    await rig.world.run(12_000);
    expect(rig.venue.seats).toHaveLength(before + 1);
    await rig.end();
  });

  it("is not one on which anything comes, or whose topics tell nothing by silence", async () => {
    const rig = new FeedRig({ mute });
    const quiet = rig.subscribe("quiet");
    await rig.until("live", quiet);
    await rig.world.run(300_000);
    expect(rig.venue.seats).toHaveLength(1);
    // From now on there is a topic that would tell.
    const beat = rig.subscribe("beat");
    await rig.until("live", beat);
    await rig.publishFor(60_000, "quiet");
    expect(rig.venue.seats).toHaveLength(1);
    await rig.world.run(12_000);
    expect(rig.venue.seats).toHaveLength(2);
    await rig.end();
  });

  it("is one after a long sleep of the machine, once what came meanwhile was read", async () => {
    const rig = new FeedRig({ mute });
    const beat = rig.subscribe("beat");
    await rig.until("live", beat);
    rig.world.timer.sleep(HOUR_MS);
    rig.venue.publish("beat");
    await rig.world.run(2_000);
    const before = rig.venue.seats.length;
    rig.world.timer.sleep(HOUR_MS);
    await rig.world.runUntil(() => rig.venue.seats.length > before, 3_000);
    await rig.end();
  });

  it("is not one whose topic is only wanted, or refused for now", async () => {
    const rig = new FeedRig({ mute });
    rig.venue.onSeat = (seat) => (seat.mood = "busy");
    rig.subscribe("beat");
    await rig.world.run(300_000);
    expect(rig.venue.seats).toHaveLength(1);
    await rig.end();
  });
});

const BEATING = { ...COUNTED, rhythmMs: 2_000 };

describe("a connection that is mute", () => {
  it("is remade by default where a topic has a rhythm, after pauses that double", async () => {
    const rig = new FeedRig();
    const beat = rig.subscribe("beat", BEATING);
    const quiet = rig.subscribe("quiet");
    await rig.until("live", beat, quiet);
    await rig.world.run(1_999);
    expect(beat.state.snapshot.phase).toBe("live");
    await rig.world.run(1);
    expect([beat, quiet].map(({ state }) => state.snapshot.phase)).toEqual(["stale", "live"]);
    await rig.world.runUntil(() => rig.venue.seats.length === 2, 5_000);
    await rig.world.run(HOUR_MS);
    // Every 4 s would be 900 times.
    expect(rig.venue.seats.length).toBeGreaterThan(8);
    expect(rig.venue.seats.length).toBeLessThan(20);
    // Once it speaks again, the next silence is noticed as soon as the first one was.
    await rig.until("live", beat, quiet);
    rig.venue.publish("beat");
    await rig.world.run(100);
    const before = rig.venue.seats.length;
    await rig.world.runUntil(() => rig.venue.seats.length > before, 7_000);
    await rig.end();
  });

  it("is left alone while any topic with a rhythm is heard", async () => {
    const rig = new FeedRig();
    const [a, b] = [rig.subscribe("a", BEATING), rig.subscribe("b", BEATING)];
    const asked = rig.subscribe("c", COUNTED, { staleAfterMs: 3_000, reconnectAfterMs: 9_000 });
    await rig.until("live", a, b, asked);
    await rig.publishFor(600_000, "b");
    expect([a, b, asked].map(({ state }) => state.snapshot.phase)).toEqual([
      "stale",
      "live",
      "stale",
    ]);
    expect(rig.venue.seats).toHaveLength(1);
    // The last one that was heard falls silent, or is cancelled.
    b.close();
    await rig.world.runUntil(() => rig.venue.seats.length === 2, 3_000);
    await rig.end();
  });

  it("is not told by topics without a stated rhythm", async () => {
    const rig = new FeedRig();
    const a = rig.subscribe("a", COUNTED, { staleAfterMs: 3_000 });
    await rig.until("live", a);
    await rig.world.run(HOUR_MS);
    expect([a.state.snapshot.phase, rig.venue.seats.length]).toEqual(["stale", 1]);
    await rig.end();
  });

  it("lets a reader state another limit than the rhythm's", async () => {
    const rig = new FeedRig();
    const limits = { staleAfterMs: 20_000, reconnectAfterMs: 60_000 };
    const a = rig.subscribe("a", BEATING, limits);
    await rig.until("live", a);
    await rig.world.run(19_999);
    expect(a.state.snapshot.phase).toBe("live");
    await rig.world.run(39_000);
    expect(rig.venue.seats).toHaveLength(1);
    await rig.world.runUntil(() => rig.venue.seats.length === 2, 3_000);
    await rig.end();
  });

  it("needs a rhythm that is a time", () => {
    const rig = new FeedRig();
    expect(() => rig.subscribe("a", { ...COUNTED, rhythmMs: Number.NaN })).toThrowError(/rhythmMs/);
  });
});

describe("a machine that slept", () => {
  it("has no topic that is fresh, and says so within a second", async () => {
    const rig = new FeedRig();
    const a = rig.subscribe("a", COUNTED, { staleAfterMs: 60_000 });
    await rig.until("live", a);
    rig.venue.publish("a");
    await rig.world.run(100);
    expect(a.take()?.data.n).toBe(1);
    expect(a.isFresh(30_000)).toBe(true);
    rig.world.timer.sleep(8 * HOUR_MS);
    expect(a.isFresh(30_000)).toBe(false);
    await rig.world.run(1_000);
    expect(a.state.snapshot.phase).toBe("stale");
    rig.venue.publish("a");
    await rig.world.settle();
    a.take();
    expect([a.state.snapshot.phase, a.isFresh(30_000)]).toEqual(["live", true]);
    await rig.end();
  });

  it("renews, and says what keeps a session alive, by the time that passed", async () => {
    let beats = 0;
    const rig = new FeedRig({
      renewal: RENEWAL,
      keepalive: {
        everyMs: 300_000,
        run: () => {
          beats++;
          return Promise.resolve();
        },
        classify: () => "transient",
      },
    });
    const [a] = await rig.live("a");
    rig.world.timer.sleep(HOUR_MS);
    await rig.publishFor(5_000, "a");
    expect([beats, rig.venue.seats.length]).toEqual([1, 2]);
    expect(a?.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    await rig.end();
  });
});

describe("what a reader holds", () => {
  it.each([["latest"], ["reliable"]] as const)("has an age of its own: %s", async (kind) => {
    const rig = new FeedRig();
    const a = rig.subscribe("a", UNCOUNTED, { policy: { kind } });
    await rig.until("live", a);
    expect([a.isFresh(1e9), a.readerBehindMs]).toEqual([false, 0]);
    rig.venue.publish("a");
    await rig.world.settle();
    a.take();
    expect(a.isFresh(0)).toBe(true);
    // It goes on to come, and is not read.
    await rig.publishFor(5_000, "a");
    expect(a.isFresh(1_000)).toBe(false);
    expect(a.readerBehindMs).toBeCloseTo(kind === "latest" ? 100 : 5_000);
    while (a.take() !== undefined);
    expect([a.isFresh(1_000), a.readerBehindMs]).toEqual([true, 0]);
    await rig.world.run(1_000);
    expect(a.isFresh(1_000)).toBe(false);
    await rig.end();
  });

  it("is not fresh when something older than allowed still waits", async () => {
    const rig = new FeedRig();
    const a = rig.subscribe("a");
    await rig.until("live", a);
    rig.venue.publish("a");
    await rig.world.run(600);
    rig.venue.publish("a");
    await rig.world.run(600);
    rig.venue.publish("a");
    await rig.world.settle();
    a.take();
    a.take();
    // Handed out 600 ms ago, and the next one has just arrived.
    expect([a.isFresh(599), a.isFresh(600)]).toEqual([false, true]);
    await rig.end();
  });

  it("is of a connection that stands: not what one left behind that broke", async () => {
    const rig = new FeedRig();
    const [a] = await rig.live("a");
    rig.venue.publish("a");
    await rig.world.settle();
    a?.take();
    rig.venue.seat.peer.reset();
    await rig.world.settle();
    expect(a?.isFresh(1e9)).toBe(false);
    await rig.world.runUntil(() => a?.state.snapshot.phase === "live");
    expect(a?.isFresh(1e9)).toBe(false);
    rig.venue.publish("a");
    await rig.world.settle();
    a?.take();
    expect(a?.isFresh(0)).toBe(true);
    await rig.end();
  });
});

it.each([
  ["without a heartbeat", {}],
  ["with one", { heartbeat: { staleAfterMs: 60_000, deadAfterMs: 120_000 } }],
] as const)("an event from before a sleep is not fresh after it (%s)", async (_, options) => {
  const rig = new FeedRig(options);
  const a = rig.subscribe("a");
  await rig.until("live", a);
  rig.venue.publish("a");
  rig.world.timer.sleep(HOUR_MS);
  await rig.world.run(100);
  expect(a.take()).toBeDefined();
  expect(a.isFresh(5_000)).toBe(false);
  expect(a.age()?.oursMs).toBe(HOUR_MS + 100);
  await rig.end();
});
