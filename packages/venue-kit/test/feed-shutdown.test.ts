import { describe, expect, it } from "vitest";
import { FeedRig, ids, numbers } from "./support/feed-rig.js";

describe("a shutdown", () => {
  it("before anything is connected settles", async () => {
    const rig = new FeedRig({ mock: { otherwise: { kind: "hang" } } });
    const a = rig.subscribe("a");
    await rig.world.settle();
    await rig.end();
    expect(a.state.snapshot).toMatchObject({ phase: "closed", recoveries: 0 });
  });

  it("during an outage settles", async () => {
    const rig = new FeedRig();
    const [a] = await rig.live("a");
    rig.leaf.otherwise = { kind: "hang" };
    rig.venue.seat.peer.reset();
    await rig.world.run(5_000);
    await rig.end();
    expect(a?.state.snapshot).toMatchObject({ phase: "closed", recoveries: 1 });
  });

  it("delivers what had arrived, and makes no noise", async () => {
    const rig = new FeedRig();
    const a = rig.subscribe("a");
    await rig.until("live", a);
    const phases: string[] = [];
    void (async () => {
      for await (const { phase } of a.state) phases.push(phase);
    })();
    for (let round = 0; round < 1_000; round++) rig.venue.publish("a");
    await rig.end();
    expect(ids(a)).toEqual(numbers(1, 1_000));
    expect(phases).toEqual(["live", "closed"]);
    expect(a.gapCount).toBe(0);
  });

  it("leaves no pause behind, whatever refusals had arrived", async () => {
    const rig = new FeedRig();
    await rig.live("a");
    rig.venue.seat.say({ no: 99, why: "fast", afterMs: 60_000 });
    await rig.end();
  });

  it("of a venue that answers nothing is bounded", async () => {
    const rig = new FeedRig();
    const [a] = await rig.live("a");
    rig.venue.seat.peer.goSilent();
    const began = rig.world.timer.now();
    await rig.end();
    expect(rig.world.timer.now() - began).toBeLessThanOrEqual(5_000);
    expect(a?.state.snapshot.phase).toBe("closed");
  });

  it("twice is one", async () => {
    const rig = new FeedRig();
    await rig.live("a");
    await rig.world.complete(Promise.all([rig.feed.shutdown(), rig.feed.shutdown()]));
    rig.expectNothingLeft();
  });
});
