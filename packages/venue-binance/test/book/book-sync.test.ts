import { describe, expect, it } from "vitest";
import { BookSync } from "@oath-ws/venue-binance";
import type { DepthSnapshot, DepthUpdate } from "@oath-ws/venue-binance";

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

function live(): BookSync {
  const sync = new BookSync();
  expect(sync.snapshot(SNAPSHOT)).toEqual({ kind: "applied" });
  return sync;
}

describe("BookSync", () => {
  it("joins a diff that begins right after the snapshot, as the venue's diffs do", () => {
    expect(live().diff(diff(101, 105))).toEqual({ kind: "applied" });
  });

  it("joins a diff that overlaps the snapshot", () => {
    expect(live().diff(diff(98, 105))).toEqual({ kind: "applied" });
  });

  it("ignores a diff that the snapshot holds already, to the last id", () => {
    const sync = live();
    expect(sync.diff(diff(90, 100, { b: [["10.0", "9.0"]] }))).toEqual({ kind: "ignored" });
    expect(sync.book.quantityAt("bid", "10")).toBe("1.0");
  });

  it("asks for a snapshot on a gap, and joins what came after it", () => {
    const sync = live();
    expect(sync.diff(diff(103, 104, { b: [["9.0", "3.0"]] }))).toEqual({
      kind: "resync",
      reason: "gap",
    });
    expect(sync.book.bids).toEqual([]);
    expect(sync.diff(diff(105, 106))).toEqual({ kind: "buffered" });
    expect(sync.snapshot({ ...SNAPSHOT, lastUpdateId: 102 })).toEqual({ kind: "applied" });
    expect(sync.book.lastUpdateId).toBe(106);
    expect(sync.book.quantityAt("bid", "9")).toBe("3.0");
  });

  it("refuses a snapshot that is older than the first diff it has", () => {
    const sync = new BookSync();
    sync.diff(diff(110, 111));
    expect(sync.snapshot(SNAPSHOT)).toEqual({ kind: "resync", reason: "snapshot-too-old" });
    expect(sync.snapshot({ ...SNAPSHOT, lastUpdateId: 109 })).toEqual({ kind: "applied" });
  });

  it("never shows a crossed book", () => {
    const sync = live();
    expect(sync.diff(diff(101, 101, { b: [["11.0", "1.0"]] }))).toEqual({
      kind: "resync",
      reason: "crossed",
    });
    expect(sync.book.at(0)).toBeUndefined();
    expect(new BookSync().snapshot({ ...SNAPSHOT, bids: [["12.0", "1.0"]] })).toEqual({
      kind: "resync",
      reason: "crossed",
    });
  });

  it("forgets diffs of before a break", () => {
    const sync = new BookSync();
    sync.diff(diff(101, 102));
    sync.desync("reconnected");
    expect(sync.snapshot({ ...SNAPSHOT, lastUpdateId: 500 })).toEqual({ kind: "applied" });
    expect(sync.book.lastUpdateId).toBe(500);
  });

  it("keeps a bounded number of diffs, and does not bridge over those that it dropped", () => {
    const sync = new BookSync(2);
    for (let id = 101; id <= 104; id++) sync.diff(diff(id, id));
    expect(sync.snapshot(SNAPSHOT)).toEqual({ kind: "resync", reason: "snapshot-too-old" });
    expect(sync.snapshot({ ...SNAPSHOT, lastUpdateId: 102 })).toEqual({ kind: "applied" });
    expect(sync.book.lastUpdateId).toBe(104);
  });

  it.each([
    ["a price", { b: [["x", "1.0"]] }],
    ["a quantity", { a: [["12.0", "x"]] }],
    ["a negative quantity", { a: [["12.0", "-1"]] }],
    ["a side", { b: undefined }],
    ["an id", { u: undefined }],
    ["the order of the ids", { U: 102, u: 101 }],
  ])("does not show what became of a diff without %s that can be read", (_, wrong) => {
    const sync = live();
    const update = { ...diff(101, 101), ...wrong } as DepthUpdate;
    expect(sync.diff(update)).toEqual({ kind: "resync", reason: "malformed" });
    expect(sync.book.bids).toEqual([]);
    expect(sync.diff(diff(102, 102))).toEqual({ kind: "buffered" });
    expect(sync.snapshot(SNAPSHOT)).toEqual({ kind: "resync", reason: "snapshot-too-old" });
    expect(sync.snapshot({ ...SNAPSHOT, lastUpdateId: 101 })).toEqual({ kind: "applied" });
  });

  it("asks for another snapshot when one cannot be read, and keeps the diffs", () => {
    const sync = new BookSync();
    sync.diff(diff(101, 105));
    expect(sync.snapshot({ ...SNAPSHOT, asks: [["x", "1.0"]] })).toEqual({
      kind: "resync",
      reason: "malformed",
    });
    expect(sync.snapshot(SNAPSHOT)).toEqual({ kind: "applied" });
    expect(sync.book.lastUpdateId).toBe(105);
  });

  it("skips a diff that cannot be read when it is only found out with the snapshot", () => {
    const sync = new BookSync();
    sync.diff(diff(101, 101, { b: [["x", "1.0"]] }));
    sync.diff(diff(102, 102));
    expect(sync.snapshot(SNAPSHOT)).toEqual({ kind: "resync", reason: "malformed" });
    expect(sync.snapshot({ ...SNAPSHOT, lastUpdateId: 101 })).toEqual({ kind: "applied" });
    expect(sync.book.lastUpdateId).toBe(102);
  });

  it("does not go back behind the diffs that it has seen after the book was crossed", () => {
    const sync = live();
    expect(sync.diff(diff(101, 105, { b: [["11.0", "1.0"]] }))).toEqual({
      kind: "resync",
      reason: "crossed",
    });
    expect(sync.snapshot({ ...SNAPSHOT, lastUpdateId: 102 })).toEqual({
      kind: "resync",
      reason: "crossed",
    });
    expect(sync.snapshot({ ...SNAPSHOT, lastUpdateId: 105 })).toEqual({ kind: "applied" });
  });
});
