import { describe, expect, it } from "vitest";
import { FeedRig, ids, numbers } from "./support/feed-rig.js";
import { COUNTED } from "./support/toy-venue.js";

/** Lets the venue count again, a hundred events a second; gives the ids that were delivered. */
async function recount(rig: FeedRig, count: number, read: () => number[]): Promise<number[]> {
  const delivered: number[] = [];
  for (const n of numbers(1, count)) {
    rig.venue.seat.say({ t: "a", n });
    if (n % 100 === 0) await rig.world.run(1_000);
    delivered.push(...read());
  }
  return delivered;
}

describe("a venue that counts again", () => {
  it.each([
    ["inside a session", 5_000, (): void => undefined],
    ["with a reconnect, from a low number", 900, (rig: FeedRig) => rig.venue.seat.peer.reset()],
    ["after a frame that cannot be read", 5_000, (rig: FeedRig) => rig.venue.seat.peer.text("{")],
  ])("%s is told, and its events go on", async (_, published, disturb) => {
    const rig = new FeedRig();
    const a = rig.subscribe("a");
    await rig.until("live", a);
    for (let n = 0; n < published; n++) rig.venue.publish("a");
    await rig.world.run(10);
    expect(ids(a)).toHaveLength(published);
    disturb(rig);
    await rig.world.runUntil(() => rig.venue.open.length > 0);
    await rig.until("live", a);
    const delivered = await recount(rig, 800, () => ids(a));
    expect(delivered).toEqual(numbers(100, 800));
    expect(a.gaps.map(({ reason }) => reason)).toEqual(["idsReset"]);
    expect(a.state.snapshot.breaks).toBeGreaterThan(0);
    await rig.end();
  });

  it("is not taken for one that is heard: doubles keep no topic fresh", async () => {
    const rig = new FeedRig();
    const a = rig.subscribe("a", COUNTED, { staleAfterMs: 3_000 });
    await rig.until("live", a);
    for (let n = 0; n < 10; n++) rig.venue.publish("a");
    await rig.world.run(10);
    for (let n = 0; n < 8; n++) {
      rig.venue.seat.say({ t: "a", n: 5 });
      await rig.world.run(1_000);
    }
    expect(a.state.snapshot).toMatchObject({ phase: "stale", staleCount: 1 });
    rig.venue.publish("a");
    await rig.world.settle();
    expect(a.state.snapshot.phase).toBe("live");
    await rig.end();
  });
});
