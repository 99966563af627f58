import { ConfigError, isWsError } from "@oath-ws/contract";
import { redundant } from "@oath-ws/venue-kit";
import type { TopicRules } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import { FeedRig, numbers } from "../support/feed-rig.js";
import { JOINABLE, LinesRig, marked, missing, TOPIC } from "../support/lines-rig.js";
import { COUNTED, UNCOUNTED } from "../support/toy-venue.js";
import type { Tick } from "../support/toy-venue.js";

describe("two lines", () => {
  it("give each event once, and say which line was first and by how much", async () => {
    const rig = new LinesRig();
    const reader = await rig.lines();
    const [one, other] = rig.venue.seats;
    if (one === undefined || other === undefined) throw new Error("two connections are open");
    one.delayMs = 30;
    other.delayMs = 50;
    for (let count = 0; count < 3; count++) {
      rig.venue.publish(TOPIC);
      await rig.world.run(100);
    }
    one.delayMs = 90;
    rig.venue.publish(TOPIC);
    await rig.world.run(100);
    expect(marked(reader)).toEqual([1, 2, 3, 4]);
    expect(reader.lines).toMatchObject([
      { first: 3, later: 1, lead: { samples: 3, minMs: 20, medianMs: 20, p99Ms: 20 } },
      { first: 1, later: 3, lead: { samples: 1, minMs: 40 } },
    ]);
    expect(reader.gapCount).toBe(0);
    await rig.end();
  });

  it("hide what one loses: what follows waits until the other one brings it", async () => {
    const rig = new LinesRig();
    const reader = await rig.lines();
    const [, other] = rig.venue.seats;
    if (other === undefined) throw new Error("two connections are open");
    other.delayMs = 200;
    rig.venue.publish(TOPIC);
    rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.run(150);
    expect(marked(reader)).toEqual([1]);
    expect(reader.isFresh(100)).toBe(false);
    expect(reader.readerBehindMs).toBeGreaterThanOrEqual(100);
    await rig.world.run(150);
    expect(marked(reader)).toEqual([2, 3]);
    expect(reader.state.snapshot).toMatchObject({
      phase: "live",
      gaps: 0,
      breaks: 0,
      recoveries: 0,
    });
    await rig.end();
  });

  it.each([
    [1_000, [1, 2, 3, 4, 5, 6]],
    [100, [1, 6, -2, -3, -4, -5]],
  ])(
    "take a long hole piece by piece from the other one, in %i ms or late",
    async (waitMs, got) => {
      const rig = new LinesRig();
      const reader = await rig.lines({ waitMs });
      const [, other] = rig.venue.seats;
      if (other === undefined) throw new Error("two connections are open");
      other.delayMs = 600;
      rig.venue.publish(TOPIC);
      for (let count = 0; count < 4; count++) {
        rig.lose(0);
        await rig.world.run(50);
      }
      rig.venue.publish(TOPIC);
      await rig.world.run(700);
      expect(marked(reader)).toEqual(got);
      expect(reader.gapCount).toBe(0);
      await rig.end();
    },
  );

  it("hold no more than they may while they wait for each other", async () => {
    const rig = new LinesRig();
    const reader = await rig.lines({ maxHeld: 2 });
    const [, other] = rig.venue.seats;
    if (other === undefined) throw new Error("two connections are open");
    other.delayMs = 500;
    rig.venue.publish(TOPIC);
    rig.lose(0);
    rig.venue.publish(TOPIC);
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([1]);
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([3, 4, 5]);
    await rig.world.run(1_000);
    expect([marked(reader), reader.gapCount]).toEqual([[-2], 0]);
    await rig.end();
  });

  it("have a gap where both lost the same, and nowhere else", async () => {
    const rig = new LinesRig();
    const reader = await rig.lines();
    rig.venue.publish(TOPIC);
    rig.lose(0);
    rig.lose(1);
    rig.lose(0, 1);
    rig.lose(0, 1);
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([1, 2, 3, 6]);
    expect(missing(reader)).toEqual([[4, 5, "venue"]]);
    expect(reader.state.snapshot).toMatchObject({ gaps: 1, breaks: 1 });
    await rig.end();
  });

  it("wait for a slower line only so long, and take up late what it brings then", async () => {
    const rig = new LinesRig();
    const reader = await rig.lines({ waitMs: 300 });
    const [, other] = rig.venue.seats;
    if (other === undefined) throw new Error("two connections are open");
    other.delayMs = 2_000;
    rig.venue.publish(TOPIC);
    rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.run(299);
    expect(marked(reader)).toEqual([1]);
    await rig.world.run(1);
    expect(marked(reader)).toEqual([3]);
    expect([reader.openHoles, reader.gapCount]).toEqual([[{ from: 2, to: 2 }], 0]);
    expect(reader.position).toBe(1);
    await rig.world.run(2_000);
    expect(marked(reader)).toEqual([-2]);
    expect([reader.openHoles, reader.gapCount, reader.position]).toEqual([[], 0, 3]);
    await rig.end();
  });

  it("tell of what a mute line does not bring after a minute at the latest", async () => {
    const rig = new LinesRig();
    const reader = await rig.lines();
    const [, other] = rig.venue.seats;
    if (other === undefined) throw new Error("two connections are open");
    rig.venue.publish(TOPIC);
    other.publishes = false;
    rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.run(59_000);
    expect([marked(reader), reader.gapCount]).toEqual([[1, 3], 0]);
    await rig.world.run(3_000);
    expect(missing(reader)).toEqual([[2, 2, "venue"]]);
    await rig.end();
  });

  it("stay live and fresh while one of them dies, and show which", async () => {
    const rig = new LinesRig();
    const reader = await rig.lines();
    rig.venue.publish(TOPIC);
    rig.venue.seats[0]?.peer.reset();
    await rig.world.settle();
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([1, 2]);
    expect(reader.lines.map(({ state }) => state.snapshot.phase)).toEqual(["recovering", "live"]);
    expect(reader.state.snapshot).toMatchObject({
      phase: "live",
      recoveries: 0,
      gaps: 0,
      epoch: 1,
    });
    expect(reader.isFresh(1_000)).toBe(true);
    await rig.world.run(10_000);
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(reader.lines.map(({ state }) => state.snapshot.phase)).toEqual(["live", "live"]);
    expect([marked(reader), reader.gapCount]).toEqual([[3], 0]);
    await rig.end();
  });

  it("are down when both are, and tell exactly what both missed", async () => {
    const rig = new LinesRig();
    const reader = await rig.lines();
    rig.venue.publish(TOPIC);
    for (const { peer } of rig.venue.seats) peer.reset();
    await rig.world.settle();
    rig.venue.publish(TOPIC);
    expect(reader.state.snapshot.phase).toBe("recovering");
    expect(reader.isFresh(1_000)).toBe(false);
    await rig.world.run(10_000);
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([1, 3]);
    expect(missing(reader)).toEqual([[2, 2, "reconnect"]]);
    expect(reader.state.snapshot).toMatchObject({ phase: "live", epoch: 2 });
    await rig.end();
  });

  it("go on with the other one when one ends for good, and end with the last", async () => {
    const rig = new LinesRig();
    const reader = await rig.lines();
    await rig.world.complete(rig.other.shutdown());
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([1]);
    expect(reader.state.snapshot.phase).toBe("live");
    await rig.end();
    expect(reader.state.snapshot.phase).toBe("closed");
    expect(await reader.readable()).toBe(false);
  });

  it("follow a venue whose ids restart on both, with one gap that says so", async () => {
    const rig = new LinesRig();
    rig.venue.recount(TOPIC, 50_000);
    const reader = await rig.lines();
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    rig.venue.recount(TOPIC, 0);
    for (const { peer } of rig.venue.seats) peer.reset();
    await rig.world.run(10_000);
    for (let count = 0; count < 3; count++) rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([50_001, 1, 2, 3]);
    expect(missing(reader)).toEqual([[undefined, undefined, "idsReset"]]);
    expect(reader.position).toBe(3);
    await rig.end();
  });

  it("follow ids that begin again on one line while old ones still come on the other", async () => {
    const rig = new LinesRig();
    rig.venue.recount(TOPIC, 50_000);
    const reader = await rig.lines();
    const [, other] = rig.venue.seats;
    if (other === undefined) throw new Error("two connections are open");
    other.delayMs = 500;
    for (let count = 0; count < 3; count++) rig.venue.publish(TOPIC);
    rig.venue.recount(TOPIC, 0);
    // A line takes a hundred ids in a row, all low, for a count that restarted.
    for (let count = 0; count < 110; count++) rig.venue.publish(TOPIC);
    await rig.world.run(200);
    expect(marked(reader)).toEqual([50_001, 50_002, 50_003, ...numbers(100, 110)]);
    await rig.world.run(1_000);
    rig.venue.publish(TOPIC);
    await rig.world.run(1_000);
    expect(marked(reader)).toEqual([111]);
    expect(missing(reader)).toEqual([[undefined, undefined, "idsReset"]]);
    rig.venue.seats[0]?.peer.reset();
    await rig.world.settle();
    rig.venue.publish(TOPIC);
    await rig.world.run(700);
    expect([marked(reader), reader.gapCount, reader.position]).toEqual([[112], 1, 112]);
    await rig.end();
  });

  it("trust the one that is left, also when it counts as the venue did before", async () => {
    const rig = new LinesRig();
    rig.venue.recount(TOPIC, 50_000);
    const reader = await rig.lines();
    const [one, other] = rig.venue.seats;
    if (one === undefined || other === undefined) throw new Error("two connections are open");
    rig.venue.publish(TOPIC);
    other.publishes = false;
    rig.venue.recount(TOPIC, 0);
    for (let count = 0; count < 101; count++) rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([50_001, 100, 101]);
    rig.venue.recount(TOPIC, 50_001);
    other.publishes = true;
    one.publishes = false;
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([]);
    one.peer.reset();
    await rig.world.settle();
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([50_003]);
    expect(missing(reader)).toHaveLength(2);
    await rig.end();
  });

  it("never hold a reader of the latest, and still tell what both missed", async () => {
    const rig = new LinesRig();
    const reader = await rig.lines({ policy: { kind: "latest" }, backfill: rig.backfill() });
    const [, other] = rig.venue.seats;
    if (other === undefined) throw new Error("two connections are open");
    rig.venue.publish(TOPIC);
    rig.lose(0, 1);
    other.delayMs = 200;
    rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([4]);
    await rig.world.run(500);
    expect([marked(reader), missing(reader)]).toEqual([[], [[2, 2, "venue"]]]);
    expect(rig.asked).toEqual([]);
    await rig.end();
  });

  it("hand out the same by iterating, in batches and by taking", async () => {
    for (const how of ["iterate", "batches"] as const) {
      const rig = new LinesRig();
      const reader = await rig.lines();
      rig.venue.publish(TOPIC);
      rig.venue.publish(TOPIC);
      await rig.world.settle();
      const got: number[] = [];
      const positions: (number | undefined)[] = [];
      const read = async (): Promise<void> => {
        if (how === "iterate")
          for await (const { data } of reader) {
            got.push(data.n);
            positions.push(reader.position);
          }
        else
          for await (const batch of reader.batches()) got.push(...batch.map(({ data }) => data.n));
      };
      const reading = read();
      await rig.world.settle();
      reader.close();
      await rig.world.settle();
      await reading;
      expect(got).toEqual([1, 2]);
      expect(positions).toEqual(how === "iterate" ? [1, 2] : []);
      expect(reader.position).toBe(2);
      await rig.end();
    }
  });
});

describe("lines that cannot be joined", () => {
  const REFUSED: readonly (readonly [string, TopicRules<Tick>, RegExp])[] = [
    ["of which the venue allows one", { ...JOINABLE, lines: "one" }, /one connection at a time/],
    ["that state nothing", COUNTED, /does not state/],
    ["without ids", { ...UNCOUNTED, lines: "many", idsHold: true }, /no consecutive ids/],
    ["whose ids are a connection's", { ...COUNTED, lines: "many" }, /not the same on another/],
  ];
  it.each(REFUSED)("%s are refused with the reason", async (_, rules, why) => {
    const rig = new FeedRig();
    const other = new FeedRig();
    const lines = [rig.subscribe(TOPIC, rules), other.subscribe(TOPIC, rules)];
    let refused: unknown;
    try {
      redundant(lines, { timer: rig.world.timer });
    } catch (error) {
      refused = error;
    }
    expect(isWsError(refused) && refused.code).toBe("LINES_REFUSED");
    expect(String(refused)).toMatch(why);
    await rig.end();
    await other.end();
  });

  it("are told from mistakes: one line, one connection, two topics", async () => {
    const rig = new FeedRig();
    const other = new FeedRig();
    const { timer } = rig.world;
    const line = rig.subscribe(TOPIC, JOINABLE);
    const twin = rig.subscribe(TOPIC, JOINABLE);
    const stranger = other.subscribe("b", JOINABLE);
    const lossy = other.subscribe(TOPIC, JOINABLE, { policy: { kind: "latest" } });
    for (const lines of [[], [line], [line, twin], [line, stranger], [line, lossy]])
      expect(() => redundant(lines, { timer })).toThrow(ConfigError);
    for (const options of [{ waitMs: -1 }, { maxHeld: 0 }, { after: 1.5 }, { lateMs: Number.NaN }])
      expect(() =>
        redundant([line, other.subscribe(TOPIC, JOINABLE)], { timer, ...options }),
      ).toThrow(ConfigError);
    await rig.end();
    await other.end();
  });
});
