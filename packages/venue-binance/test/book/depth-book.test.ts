import { describe, expect, it } from "vitest";
import type { DepthSnapshot, DepthUpdate } from "@oath-ws/venue-binance";
import { DepthRig } from "../support/depth-rig.js";

const SNAPSHOT: DepthSnapshot = {
  lastUpdateId: 100,
  bids: [["10.0", "1.0"]],
  asks: [["11.0", "2.0"]],
};

function diff(
  U: number,
  u: number,
  changes: Partial<Pick<DepthUpdate, "a" | "b">> = {},
): DepthUpdate {
  return { e: "depthUpdate", E: 0, s: "X", U, u, b: [], a: [], ...changes };
}

function live(): DepthRig {
  const rig = new DepthRig();
  expect(rig.snapshot(SNAPSHOT)).toBe("snapshot");
  return rig;
}

describe("a book's updates", () => {
  it("join on when they begin right after the snapshot, as the venue's do", () => {
    expect(live().diff(diff(101, 105))).toBe("changes");
  });

  it("join on when they overlap the snapshot", () => {
    expect(live().diff(diff(98, 105))).toBe("changes");
  });

  it("are ignored when the snapshot holds them already, to the last id", () => {
    const rig = live();
    expect(rig.diff(diff(90, 100, { b: [["10.0", "9.0"]] }))).toBe("");
    expect(rig.book.quantityAt("bid", "10")).toBe("1.0");
  });

  it("have a snapshot asked for on a gap, and join on to it", () => {
    const rig = live();
    expect(rig.diff(diff(103, 104, { b: [["9.0", "3.0"]] }))).toBe("lost gap");
    expect([rig.book.bids, rig.asked]).toEqual([[], 1]);
    expect(rig.diff(diff(105, 106))).toBe("");
    expect(rig.snapshot({ ...SNAPSHOT, lastUpdateId: 102 })).toBe("snapshot,changes,changes");
    expect(rig.book.updateId).toBe(106);
    expect(rig.book.quantityAt("bid", "9")).toBe("3.0");
  });

  it("refuse a snapshot that is older than the first of them", () => {
    const rig = new DepthRig();
    rig.diff(diff(110, 111));
    expect(rig.snapshot(SNAPSHOT)).toBe("");
    expect(rig.snapshot({ ...SNAPSHOT, lastUpdateId: 109 })).toBe("snapshot,changes");
  });

  it("never show a crossed book, and no snapshot of before is taken", () => {
    const rig = live();
    expect(rig.diff(diff(101, 105, { b: [["11.0", "1.0"]] }))).toBe("lost crossed");
    expect(rig.book.best).toBeUndefined();
    expect(rig.snapshot({ ...SNAPSHOT, lastUpdateId: 102 })).toBe("");
    expect(rig.snapshot({ ...SNAPSHOT, lastUpdateId: 105 })).toBe("snapshot");
    const other = new DepthRig();
    other.snapshot({ ...SNAPSHOT, bids: [["12.0", "1.0"]] });
    expect([other.isLive, other.book.size]).toEqual([false, 0]);
  });

  it("of before a break are forgotten", () => {
    const rig = new DepthRig();
    rig.diff(diff(101, 102));
    rig.lose();
    expect(rig.snapshot({ ...SNAPSHOT, lastUpdateId: 50 })).toBe("snapshot");
    expect(rig.book.updateId).toBe(50);
  });

  it("are kept in a bounded number, and those that were dropped are not bridged", () => {
    const rig = new DepthRig(1_000, 2);
    for (let id = 101; id <= 104; id++) rig.diff(diff(id, id));
    expect(rig.snapshot(SNAPSHOT)).toBe("");
    expect(rig.snapshot({ ...SNAPSHOT, lastUpdateId: 102 })).toBe("snapshot,changes,changes");
    expect(rig.book.updateId).toBe(104);
  });

  it.each([
    ["a price", { b: [["x", "1.0"]] }],
    ["a quantity", { a: [["12.0", "x"]] }],
    ["a quantity that is not blank", { a: [["11.0", ""]] }],
    ["a negative quantity", { a: [["12.0", "-1"]] }],
    ["a side", { b: undefined }],
    ["an id", { u: undefined }],
    ["the order of the ids", { U: 102, u: 101 }],
  ])("without %s that can be read lose the book, and nothing bridges them", (_, wrong) => {
    const rig = live();
    const update = { ...diff(101, 101), ...wrong } as DepthUpdate;
    expect(rig.diff(update)).toBe("lost malformed");
    expect(rig.book.bids).toEqual([]);
    expect(rig.diff(diff(102, 102))).toBe("");
    expect(rig.snapshot(SNAPSHOT)).toBe("");
    expect(rig.snapshot({ ...SNAPSHOT, lastUpdateId: 101 })).toBe("snapshot,changes");
  });

  it("outlive a snapshot that cannot be read", () => {
    const rig = new DepthRig();
    rig.diff(diff(101, 105));
    rig.snapshot({ ...SNAPSHOT, asks: [["x", "1.0"]] });
    expect(rig.isLive).toBe(false);
    expect(rig.snapshot(SNAPSHOT)).toBe("snapshot,changes");
    expect(rig.book.updateId).toBe(105);
  });

  it("that cannot be read are found with the snapshot, and skipped by the next one", () => {
    const rig = new DepthRig();
    rig.diff(diff(101, 101, { b: [["x", "1.0"]] }));
    rig.diff(diff(102, 102));
    expect(rig.snapshot(SNAPSHOT)).toBe("snapshot,lost malformed");
    expect(rig.snapshot({ ...SNAPSHOT, lastUpdateId: 101 })).toBe("snapshot,changes");
    expect(rig.book.updateId).toBe(102);
  });
});

describe("a book that is lost again and again", () => {
  it("asks for snapshots with growing pauses", () => {
    const rig = live();
    let id = 100;
    const cross = (): string => rig.diff(diff(id + 1, ++id, { b: [["11.0", "1.0"]] }));
    expect(cross()).toBe("lost crossed");
    for (let round = 0, answered = 0; round < 600; round++) {
      rig.timer.advance(100);
      if (rig.asked === answered) continue;
      answered = rig.asked;
      rig.snapshot({ ...SNAPSHOT, lastUpdateId: id });
      expect(cross()).toBe("lost crossed");
    }
    // In a minute; without pauses some 600 times.
    expect(rig.asked).toBeGreaterThan(5);
    expect(rig.asked).toBeLessThan(30);
  });
});

describe("a book of a limited snapshot", () => {
  /** 10 bids from 100 down, 10 asks from 101 up. */
  const limited = (lastUpdateId: number, top = 100): DepthSnapshot => ({
    lastUpdateId,
    bids: Array.from({ length: 10 }, (_, i) => [String(top - i), "1"]),
    asks: Array.from({ length: 10 }, (_, i) => [String(top + 1 + i), "1"]),
  });

  function shallow(): DepthRig {
    const rig = new DepthRig(10);
    rig.snapshot(limited(100));
    rig.timer.advance(60_000);
    const gone = ["100", "99", "98", "97", "96", "95"] as const;
    expect(rig.diff(diff(101, 101, { b: gone.map((price) => [price, "0"]) }))).toBe("changes");
    return rig;
  }

  it("shows no level as the best that came into view from beyond it", () => {
    const rig = new DepthRig(10);
    rig.snapshot(limited(100));
    // 90.5 is below the snapshot's last bid, and what stands between them is not known.
    rig.diff(
      diff(101, 101, {
        b: [
          ["90.5", "1"],
          ["90", "1"],
        ],
      }),
    );
    const gone = limited(0).bids.map(([price]): [string, string] => [price, "0"]);
    expect(rig.diff(diff(102, 102, { b: gone }))).toBe("lost depth");
    expect([rig.book.best, rig.asked]).toEqual([undefined, 1]);
  });

  it("fetches a new snapshot when half of a side is gone, and stays live", () => {
    const rig = shallow();
    expect([rig.asked, rig.isLive, rig.book.bids.length]).toEqual([1, true, 4]);
    // Updates go on meanwhile, and the snapshot is of a moment between them.
    rig.diff(diff(102, 102, { b: [["94", "2"]] }));
    rig.diff(diff(103, 103, { b: [["93", "3"]] }));
    expect(rig.snapshot(limited(102, 94))).toBe("snapshot,changes");
    expect([rig.book.updateId, rig.book.knownTo("bid")]).toEqual([103, "85"]);
    expect(rig.book.quantityAt("bid", "94")).toBe("1");
    expect(rig.book.quantityAt("bid", "93")).toBe("3");
    expect(rig.diff(diff(104, 104))).toBe("changes");
    expect(rig.book.state.snapshot.recoveries).toBe(0);
  });

  it("goes on with what it has when the new snapshot is older than the book", () => {
    const rig = shallow();
    expect(rig.snapshot(limited(100))).toBe("");
    expect([rig.isLive, rig.book.updateId]).toEqual([true, 101]);
    expect(rig.diff(diff(102, 102))).toBe("changes");
  });

  it("fetches again, and not with every update", () => {
    const rig = shallow();
    rig.snapshot(limited(100));
    for (let id = 102; id < 202; id++) rig.diff(diff(id, id));
    expect(rig.asked).toBe(1);
    rig.timer.advance(5_000);
    rig.diff(diff(202, 202));
    rig.diff(diff(203, 203));
    expect(rig.asked).toBe(2);
  });
});

it("a doubt is settled by an update that lies in the socket while our loop is blocked", () => {
  const rig = live();
  rig.rule.doubted();
  rig.timer.scheduleArrival(1_000, () => rig.diff(diff(101, 102)));
  rig.timer.stall(5_000);
  expect([rig.book.state.snapshot.phase, rig.asked]).toEqual(["live", 0]);
});
