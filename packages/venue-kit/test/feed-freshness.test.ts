import { describe, expect, it } from "vitest";
import { FeedRig } from "./support/feed-rig.js";
import { COUNTED } from "./support/toy-venue.js";

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

  it("makes the connection anew if that was asked for", async () => {
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

  it("is judged by the shortest limit of those who hold it, and not because we stood still", async () => {
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

  it("is made anew after pauses that double, and is judged anew once it was well for long", async () => {
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

  it("is not one on which anything comes, or whose topics say nothing by their silence", async () => {
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

  it("is not one whose topic is only wanted, or refused for now", async () => {
    const rig = new FeedRig({ mute });
    rig.venue.onSeat = (seat) => (seat.mood = "busy");
    rig.subscribe("beat");
    await rig.world.run(300_000);
    expect(rig.venue.seats).toHaveLength(1);
    await rig.end();
  });
});
