import { ConfigError, isWsError, WsError } from "@oath-ws/contract";
import { fillGaps } from "@oath-ws/venue-kit";
import type { Backfill } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import { JOINABLE, LinesRig, marked, missing, taken, TOPIC } from "../support/lines-rig.js";
import { UNCOUNTED } from "../support/toy-venue.js";
import type { Tick } from "../support/toy-venue.js";

describe("a hole that is filled in time", () => {
  it("is put in its place, marked, and leaves no gap; the topic recovers meanwhile", async () => {
    const rig = new LinesRig();
    const reader = await rig.filled();
    rig.venue.publish(TOPIC);
    rig.lose(0);
    rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.run(50);
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(reader.state.snapshot.phase).toBe("recovering");
    expect(marked(reader)).toEqual([1]);
    await rig.world.run(50);
    const events = taken(reader);
    expect(events.map(({ data, backfilled }) => [data.n, backfilled])).toEqual([
      [2, true],
      [3, true],
      [4, false],
      [5, false],
    ]);
    expect(events.map(({ seq, isCurrent }) => [seq, isCurrent])).toEqual([
      [2, false],
      [3, false],
      [4, true],
      [5, true],
    ]);
    expect(reader.state.snapshot).toMatchObject({ phase: "live", gaps: 0, breaks: 0 });
    expect(rig.asked.map(({ range }) => range)).toEqual([{ from: 2, to: 3 }]);
    await rig.end();
  });

  it("is filled after an outage of the connection too", async () => {
    const rig = new LinesRig();
    const reader = await rig.filled();
    rig.venue.publish(TOPIC);
    rig.venue.seat.peer.reset();
    await rig.world.settle();
    for (let count = 0; count < 5; count++) rig.venue.publish(TOPIC);
    await rig.world.run(10_000);
    rig.venue.publish(TOPIC);
    await rig.world.run(500);
    expect(marked(reader)).toEqual([1, -2, -3, -4, -5, -6, 7]);
    expect(reader.gapCount).toBe(0);
    await rig.end();
  });
});

describe("a hole that is not filled in time", () => {
  it("lets live events go after fillWithinMs, and is delivered late", async () => {
    const rig = new LinesRig();
    rig.answerMs = 1_000;
    const reader = await rig.filled({ backfill: rig.backfill({ fillWithinMs: 300 }) });
    rig.venue.publish(TOPIC);
    rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.run(299);
    expect(marked(reader)).toEqual([1]);
    await rig.world.run(1);
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([3, 4]);
    expect(reader.state.snapshot).toMatchObject({ phase: "live", breaks: 1, gaps: 0 });
    expect([reader.openHoles, reader.position]).toEqual([[{ from: 2, to: 2 }], 1]);
    await rig.world.run(1_000);
    expect(reader.position).toBe(1);
    expect(marked(reader)).toEqual([-2]);
    expect([reader.gapCount, reader.openHoles, reader.position]).toEqual([0, [], 4]);
    await rig.end();
  });

  it("holds the position until what came late was handed out, and not only delivered", async () => {
    const rig = new LinesRig();
    const reader = await rig.filled({ backfill: rig.backfill({ fillWithinMs: 0 }) });
    rig.venue.publish(TOPIC);
    rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.run(500);
    expect([reader.take()?.data.n, reader.take()?.data.n, reader.position]).toEqual([1, 3, 1]);
    expect([reader.take()?.data.n, reader.position]).toEqual([2, 3]);
    await rig.end();
  });

  it("is not waited for by a reader of the latest", async () => {
    const rig = new LinesRig();
    const reader = await rig.filled({ policy: { kind: "latest" } });
    rig.venue.publish(TOPIC);
    rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect([marked(reader), missing(reader)]).toEqual([[3], [[2, 2, "venue"]]]);
    await rig.end();
  });

  it("leaves exactly what is missing after every try, and pauses between tries", async () => {
    const rig = new LinesRig();
    const faults: unknown[] = [];
    rig.answers.push("fail", "half", "none");
    const backfill = rig.backfill({ onFault: (error) => faults.push(error) });
    const reader = await rig.filled({ backfill });
    rig.venue.publish(TOPIC);
    for (let count = 0; count < 4; count++) rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.run(20_000);
    expect(marked(reader)).toEqual([1, -2, -4, 6]);
    // What has gone out in its place cannot go back: 2 is before the rest of the hole.
    expect(missing(reader)).toEqual([
      [3, 3, "venue"],
      [5, 5, "venue"],
    ]);
    expect(faults).toMatchObject([{ code: "BUSY" }]);
    const [first = 0, second = 0, third = 0] = rig.asked.map(({ at }) => at);
    expect(rig.asked).toHaveLength(3);
    expect(second - first).toBeGreaterThanOrEqual(600);
    expect(third - second).toBeGreaterThanOrEqual(1_100);
    await rig.end();
  });

  it("is given up when the backfill never answers", async () => {
    const rig = new LinesRig();
    rig.answers.push("never", "never");
    const backfill = rig.backfill({ timeoutMs: 1_000, tries: 2 });
    const reader = await rig.filled({ backfill });
    rig.venue.publish(TOPIC);
    rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.run(10_000);
    expect([marked(reader), missing(reader)]).toEqual([[1, 3], [[2, 2, "venue"]]]);
    expect(rig.asked).toHaveLength(2);
    await rig.end();
  });

  it("obeys the pause that the venue states, for the next hole too", async () => {
    const rig = new LinesRig();
    const at: number[] = [];
    const fetch: Backfill<Tick>["fetch"] = () => {
      at.push(rig.world.timer.now());
      const message = "stay away";
      return Promise.reject(
        new WsError({ kind: "throttled", code: "VENUE_-1003", message, retryAfterMs: 90_000 }),
      );
    };
    const reader = await rig.filled({ backfill: rig.backfill({ fetch, tries: 1 }) });
    for (let count = 0; count < 5; count++) {
      rig.venue.publish(TOPIC);
      rig.lose(0);
    }
    rig.venue.publish(TOPIC);
    await rig.world.run(80_000);
    expect(at).toHaveLength(1);
    await rig.world.run(700_000);
    expect(at.slice(1).every((time, index) => time - (at[index] ?? 0) >= 90_000)).toBe(true);
    expect(missing(reader).map(([from]) => from)).toEqual([2, 4, 6, 8, 10]);
    await rig.end();
  });
});

describe("bounds", () => {
  it("ask for the newest ids of a long hole, and tell the others at once", async () => {
    const rig = new LinesRig();
    const reader = await rig.filled({ backfill: rig.backfill({ maxIds: 3 }) });
    rig.venue.publish(TOPIC);
    for (let count = 0; count < 10; count++) rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.run(500);
    expect(marked(reader)).toEqual([1, -9, -10, -11, 12]);
    expect(missing(reader)).toEqual([[2, 8, "venue"]]);
    expect(rig.asked.map(({ range }) => range)).toEqual([{ from: 9, to: 11 }]);
    await rig.end();
  });

  it("hold no more events than they may, and ask all the same", async () => {
    const rig = new LinesRig();
    rig.answerMs = 1_000;
    const reader = await rig.filled({ maxHeld: 3 });
    rig.venue.publish(TOPIC);
    rig.lose(0);
    for (let count = 0; count < 4; count++) {
      rig.venue.publish(TOPIC);
      await rig.world.run(1);
    }
    expect(marked(reader)).toEqual([1, 3, 4, 5, 6]);
    await rig.world.run(1_000);
    expect([marked(reader), reader.gapCount]).toEqual([[-2], 0]);
    await rig.end();
  });

  it("ask for one hole at a time", async () => {
    const rig = new LinesRig();
    rig.answerMs = 3_000;
    const reader = await rig.filled({ backfill: rig.backfill({ fillWithinMs: 10 }) });
    for (let count = 0; count < 5; count++) {
      rig.venue.publish(TOPIC);
      rig.lose(0);
      await rig.world.run(100);
    }
    rig.venue.publish(TOPIC);
    await rig.world.run(30_000);
    expect([rig.mostRunning, rig.asked.length]).toEqual([1, 5]);
    expect(marked(reader).filter((n) => n < 0)).toEqual([-2, -4, -6, -8, -10]);
    expect(reader.gapCount).toBe(0);
    await rig.end();
  });

  it("take nothing from a backfill that was not asked for, and nothing twice", async () => {
    const rig = new LinesRig();
    const fetch: Backfill<Tick>["fetch"] = async () =>
      [1, 2, 2, 3, 4, 9].map((n) => ({ t: TOPIC, n }));
    const reader = await rig.filled({ backfill: rig.backfill({ fetch }) });
    rig.venue.publish(TOPIC);
    rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.run(100);
    expect(marked(reader)).toEqual([1, -2, 3]);
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect(marked(reader)).toEqual([4]);
    await rig.end();
  });
});

it("fillGaps tells how old an event is by the venue's clock, whatever came by REST meanwhile", async () => {
  const rig = new LinesRig();
  const { timer } = rig.world;
  const rules = { ...JOINABLE, timeMs: ({ n }: Tick) => 1_000_000 + 100 * n };
  const subscription = rig.one.subscribe(TOPIC, rules);
  const reader = fillGaps(subscription, { timer, backfill: rig.backfill() });
  await rig.one.until("live", reader);
  rig.venue.publish(TOPIC);
  await rig.world.run(100);
  rig.lose(0);
  await rig.world.run(150);
  rig.venue.publish(TOPIC);
  await rig.world.run(200);
  expect(marked(reader)).toEqual([1, -2, 3]);
  // The third event took 50 ms longer than the first, and was held while the second was fetched.
  expect(reader.age()).toMatchObject({ oursMs: 200, venueMs: 250 });
  await rig.end();
});

describe("a stored position", () => {
  it("tells first what was missed while the process was away, by its own reason", async () => {
    const rig = new LinesRig();
    rig.venue.recount(TOPIC, 7);
    const reader = await rig.filled({ after: 3, backfill: undefined });
    expect(reader.position).toBe(3);
    rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect([marked(reader), missing(reader)]).toEqual([[8], [[4, 7, "restart"]]]);
    expect(reader.position).toBe(8);
    await rig.end();
  });

  it("is filled up to the first event where there is a backfill", async () => {
    const rig = new LinesRig();
    for (let count = 0; count < 7; count++) rig.venue.publish(TOPIC);
    const reader = await rig.filled({ after: 3 });
    rig.venue.publish(TOPIC);
    await rig.world.run(500);
    expect(marked(reader)).toEqual([-4, -5, -6, -7, 8]);
    expect([reader.gapCount, reader.position]).toEqual([0, 8]);
    await rig.end();
  });

  it("tells a partial answer by the same reason", async () => {
    const rig = new LinesRig();
    rig.answers.push("half");
    for (let count = 0; count < 7; count++) rig.venue.publish(TOPIC);
    const reader = await rig.filled({ after: 3, backfill: rig.backfill({ tries: 1 }) });
    rig.venue.publish(TOPIC);
    await rig.world.run(5_000);
    expect(missing(reader)).toEqual([
      [5, 5, "restart"],
      [7, 7, "restart"],
    ]);
    await rig.end();
  });

  it("is of another count when the venue's ids are far below it", async () => {
    const rig = new LinesRig();
    const reader = await rig.filled({ after: 60_000 });
    rig.venue.publish(TOPIC);
    rig.venue.publish(TOPIC);
    await rig.world.run(500);
    expect([marked(reader), missing(reader)]).toEqual([
      [1, 2],
      [[undefined, undefined, "idsReset"]],
    ]);
    expect(reader.position).toBe(2);
    await rig.end();
  });

  it("is met by events that the reader had already, which do not come again", async () => {
    const rig = new LinesRig();
    const reader = await rig.filled({ after: 2 });
    for (let count = 0; count < 4; count++) rig.venue.publish(TOPIC);
    await rig.world.settle();
    expect([marked(reader), reader.duplicates, reader.gapCount]).toEqual([[3, 4], 2, 0]);
    await rig.end();
  });
});

describe("the end", () => {
  it("delivers what is held and tells what is missing, and leaves nothing running", async () => {
    const rig = new LinesRig();
    rig.answers.push("never");
    const reader = await rig.filled();
    rig.venue.publish(TOPIC);
    rig.lose(0);
    rig.venue.publish(TOPIC);
    await rig.world.run(100);
    reader.close();
    expect([marked(reader), missing(reader)]).toEqual([[1, 3], [[2, 2, "venue"]]]);
    expect(await reader.readable()).toBe(false);
    expect(reader.state.snapshot.phase).toBe("closed");
    await rig.end();
  });

  it("comes with the venue's error when it refuses the topic", async () => {
    const rig = new LinesRig();
    rig.venue.refused.add(TOPIC);
    const subscription = rig.one.subscribe(TOPIC, JOINABLE);
    const reader = fillGaps(subscription, { timer: rig.world.timer });
    await rig.world.runUntil(() => reader.state.isFinal);
    await expect(reader.readable()).rejects.toMatchObject({ code: "REFUSED" });
    expect(reader.state.snapshot).toMatchObject({ phase: "failed", cause: { code: "REFUSED" } });
    await rig.end();
  });
});

it("fillGaps refuses topics without ids, and options that cannot work", async () => {
  const rig = new LinesRig();
  const { timer } = rig.world;
  let refused: unknown;
  try {
    fillGaps(rig.one.subscribe("b", UNCOUNTED), { timer });
  } catch (error) {
    refused = error;
  }
  expect(isWsError(refused) && refused.code).toBe("LINES_REFUSED");
  const subscription = rig.one.subscribe(TOPIC, JOINABLE);
  for (const wrong of [{ tries: 0 }, { fillWithinMs: -1 }, { maxIds: 1.5 }, { timeoutMs: 0 }])
    expect(() => fillGaps(subscription, { timer, backfill: rig.backfill(wrong) })).toThrow(
      ConfigError,
    );
  await rig.end();
});
