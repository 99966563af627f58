import { describe, expect, it } from "vitest";
import { BookSync } from "@oath-ws/venue-coinbase";
import type { Level2Event } from "@oath-ws/venue-coinbase";

function event(
  type: "snapshot" | "update",
  stretch: number,
  levels: Readonly<Record<string, string>>,
): Level2Event {
  const updates = Object.entries(levels).map(([text, quantity]) => {
    const [side, price] = text.split(" ");
    return {
      side: side as "bid" | "offer",
      event_time: "1970-01-01T00:00:00Z",
      price_level: price ?? "",
      new_quantity: quantity,
    };
  });
  return { type, stretch, timestamp: "", sequence_num: 0, product_id: "BTC-USD", updates };
}

const SNAPSHOT = { "bid 10": "1", "offer 11": "2" };

function built(stretch = 1): BookSync {
  const sync = new BookSync();
  expect(sync.event(event("snapshot", stretch, SNAPSHOT))).toEqual({ kind: "built" });
  return sync;
}

function tops({ book }: BookSync): readonly (string | undefined)[] {
  return [book.at(0)?.bid.price, book.at(0)?.ask.price];
}

describe("a book", () => {
  it("is empty until its snapshot, whatever comes before", () => {
    const sync = new BookSync();
    expect(sync.event(event("update", 1, { "bid 9": "1" }))).toEqual({ kind: "ignored" });
    expect(sync.isLive).toBe(false);
    expect(tops(built())).toEqual(["10", "11"]);
  });

  it("takes quantities as they are, and zero as nothing", () => {
    const sync = built();
    expect(
      sync.event(
        event("update", 1, { "bid 10": "7", "bid 9": "3", "offer 11": "0.000", "offer 12": "1" }),
      ),
    ).toEqual({
      kind: "applied",
    });
    expect(sync.book.quantityAt("bid", "10.0")).toBe("7");
    expect(tops(sync)).toEqual(["10", "12"]);
  });

  it("is replaced by a second snapshot", () => {
    const sync = built();
    expect(sync.event(event("snapshot", 1, { "bid 20": "1", "offer 21": "1" }))).toEqual({
      kind: "built",
    });
    expect(tops(sync)).toEqual(["20", "21"]);
  });

  it("is lost when a new stretch begins with a change", () => {
    const sync = built();
    expect(sync.event(event("update", 2, { "bid 10": "7" }))).toEqual({
      kind: "lost",
      reason: "gap",
      isKnown: true,
    });
    expect(sync.book.bids).toEqual([]);
    expect(sync.event(event("update", 2, { "bid 10": "7" }))).toEqual({ kind: "ignored" });
    expect(sync.event(event("snapshot", 2, SNAPSHOT))).toEqual({ kind: "built" });
  });

  it("is lost at once when something is missing, and does not come back from a snapshot of before", () => {
    const sync = built();
    expect(sync.missed(2)).toEqual({ kind: "lost", reason: "gap", isKnown: true });
    expect(sync.missed(2)).toEqual({ kind: "ignored" });
    expect(sync.event(event("snapshot", 1, SNAPSHOT))).toEqual({ kind: "ignored" });
    expect(sync.event(event("update", 1, { "bid 10": "7" }))).toEqual({ kind: "ignored" });
    expect(sync.event(event("snapshot", 2, SNAPSHOT))).toEqual({ kind: "built" });
  });

  it("that is built already does not mind what was missing before", () => {
    const sync = built(3);
    expect(sync.missed(3)).toEqual({ kind: "ignored" });
    expect(sync.isLive).toBe(true);
  });

  it.each([{ "bid x": "1" }, { "bid 9": "-1" }, { "buy 9": "1" }])(
    "is lost by what cannot be read: %j",
    (levels) => {
      const lost = { kind: "lost", reason: "malformed", isKnown: false };
      expect(built().event(event("update", 1, levels))).toEqual(lost);
      const sync = new BookSync();
      expect(sync.event(event("snapshot", 1, levels))).toEqual(lost);
      expect(sync.book.bids).toEqual([]);
    },
  );

  it("is lost when it becomes crossed, but not when its snapshot was", () => {
    const crossed = { kind: "lost", reason: "crossed", isKnown: false };
    expect(built().event(event("update", 1, { "bid 11": "1" }))).toEqual(crossed);
    const sync = new BookSync();
    expect(sync.event(event("snapshot", 1, { "bid 12": "1", "offer 11": "2" }))).toEqual({
      kind: "built",
    });
    expect(sync.event(event("update", 1, { "bid 13": "1" }))).toEqual({ kind: "applied" });
    // The auction is over.
    expect(sync.event(event("update", 1, { "bid 13": "0", "bid 12": "0", "bid 10": "1" }))).toEqual(
      { kind: "applied" },
    );
    expect(sync.event(event("update", 1, { "bid 11": "1" }))).toEqual(crossed);
  });
});
