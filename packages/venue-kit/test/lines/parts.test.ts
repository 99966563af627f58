import { describe, expect, it } from "vitest";
import { ArrivalRace } from "../../src/lines/arrival-race.js";
import { HeldArrivals } from "../../src/lines/held-arrivals.js";
import type { Arrival } from "../../src/lines/held-arrivals.js";
import { IdRanges } from "../../src/lines/id-ranges.js";

function arrival(first: number, last: number, arrivedAt = 0): Arrival<string> {
  const data = `${first}-${last}`;
  return { data, first, last, receivedAt: 0, arrivedAt, isCurrent: true, backfilled: false };
}

describe("held events", () => {
  it("are ordered by their ids, without those that bring nothing new", () => {
    const held = new HeldArrivals<string>();
    const added = [
      arrival(10, 12, 5),
      arrival(4, 6, 3),
      arrival(5, 6),
      arrival(4, 5),
      arrival(11, 12),
      arrival(12, 14, 9),
    ].map((each) => held.add(each));
    expect(added).toEqual([true, true, false, false, false, true]);
    expect(held.missing({ from: 1, to: 20 })).toEqual([
      { from: 1, to: 3 },
      { from: 7, to: 9 },
      { from: 15, to: 20 },
    ]);
    expect(held.oldestAt).toBe(3);
    expect([held.shift()?.data, held.oldestAt]).toEqual(["4-6", 5]);
    expect([held.shift()?.data, held.shift()?.data]).toEqual(["10-12", "12-14"]);
    expect([held.shift(), held.size, held.oldestAt]).toEqual([undefined, 0, Infinity]);
  });
});

describe("missing ids", () => {
  it("are what is left after others were taken, from the middle and over the ends", () => {
    const ids = new IdRanges({ from: 10, to: 20 });
    expect([ids.take(1, 9), ids.take(21, 30), ids.take(14, 15)]).toEqual([false, false, true]);
    expect(ids.ranges).toEqual([
      { from: 10, to: 13 },
      { from: 16, to: 20 },
    ]);
    expect([ids.take(13, 16), ids.take(14, 14)]).toEqual([true, false]);
    expect(ids.ranges).toEqual([
      { from: 10, to: 12 },
      { from: 17, to: 20 },
    ]);
    expect([ids.take(1, 30), ids.isEmpty]).toEqual([true, true]);
  });
});

describe("the race of two lines", () => {
  it("keeps the latest leads only, and compares nothing that is older than it remembers", () => {
    const race = new ArrivalRace(2);
    for (let id = 1; id <= 2_000; id++) {
      race.arrived(id, 0, id);
      race.arrived(id, 1, id + (id <= 1_000 ? 500 : id - 1_900));
    }
    expect(race.score(0)).toMatchObject({
      first: 2_000,
      later: 0,
      lead: { samples: 1_024, p99Ms: 500 },
    });
    expect(race.score(1)).toEqual({ first: 0, later: 2_000, lead: undefined });
    race.arrived(9_000, 0, 0);
    race.arrived(9_000 - 4_096, 1, 100);
    expect(race.score(1)).toMatchObject({ first: 0, later: 2_001 });
    race.restart();
    race.arrived(1, 1, 0);
    expect(race.score(1)).toMatchObject({ first: 1 });
  });

  it("says nothing of a line's own repetitions", () => {
    const race = new ArrivalRace(2);
    race.arrived(1, 0, 0);
    race.arrived(1, 0, 10);
    expect([race.score(0), race.score(7)]).toEqual([
      { first: 1, later: 0, lead: undefined },
      { first: 0, later: 0, lead: undefined },
    ]);
  });
});
