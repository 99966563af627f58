import { describe, expect, it } from "vitest";
import { FeedRig } from "./support/feed-rig.js";
import { GRAMMAR } from "./support/toy-venue.js";

const grammar = { ...GRAMMAR, isAnswered: () => false, quietMs: () => 1_000 };

function quietRig(): FeedRig {
  const rig = new FeedRig({ grammar });
  rig.venue.onSeat = (seat) => (seat.answers = false);
  return rig;
}

describe("a command without an answer that may be refused", () => {
  it("counts as carried out when no refusal came in the time that the grammar states", async () => {
    const rig = quietRig();
    const a = rig.subscribe("a");
    await rig.world.runUntil(() => rig.venue.seats.length === 1);
    await rig.world.runUntil(() => rig.venue.seat.commands.length === 1);
    await rig.world.run(990);
    expect(a.state.snapshot.phase).toBe("subscribing");
    await rig.world.run(20);
    expect(a.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    await rig.end();
  });

  it("is carried out at once when the venue confirms it all the same", async () => {
    const rig = quietRig();
    const a = rig.subscribe("a");
    await rig.world.runUntil(() => rig.venue.seats.length === 1);
    await rig.world.runUntil(() => rig.venue.seat.commands.length === 1);
    rig.venue.seat.peer.text('{"ok":1}');
    await rig.world.run(10);
    expect(a.state.snapshot.phase).toBe("live");
    await rig.end();
  });

  it.each(["a refusal", "a break"])("is not after %s in that time", async (what) => {
    const rig = quietRig();
    const a = rig.subscribe("a");
    await rig.world.runUntil(() => rig.venue.seats.length === 1);
    await rig.world.runUntil(() => rig.venue.seat.commands.length === 1);
    const phases: string[] = [];
    void (async () => {
      for await (const { phase } of a.state) phases.push(phase);
    })();
    const { peer } = rig.venue.seat;
    await rig.world.run(500);
    if (what === "a break") peer.reset();
    else peer.text('{"no":1,"why":"busy","afterMs":5000}');
    await rig.world.run(what === "a break" ? 400 : 4_900);
    expect(phases).not.toContain("live");
    await rig.world.run(10_000);
    expect(a.state.snapshot.phase).toBe("live");
    await rig.end();
  });
});
