import { describe, expect, it } from "vitest";
import type { Level2Event } from "@oath-ws/venue-coinbase";
import { Level2Rig } from "../support/level2-rig.js";

function event(
  type: "snapshot" | "update",
  gaps: number,
  levels: Readonly<Record<string, string>>,
): [Level2Event, number] {
  const updates = Object.entries(levels).map(([text, quantity]) => {
    const [side, price] = text.split(" ");
    return {
      side: side as "bid" | "offer",
      event_time: "1970-01-01T00:00:00Z",
      price_level: price ?? "",
      new_quantity: quantity,
    };
  });
  return [{ type, timestamp: "", sequence_num: 0, product_id: "BTC-USD", updates }, gaps];
}

const SNAPSHOT = { "bid 10": "1", "offer 11": "2" };

function built(gaps = 1): Level2Rig {
  const rig = new Level2Rig();
  expect(rig.event(...event("snapshot", gaps, SNAPSHOT))).toBe("snapshot");
  return rig;
}

describe("a book", () => {
  it("is empty until its snapshot, whatever comes before", () => {
    const rig = new Level2Rig();
    expect(rig.event(...event("update", 1, { "bid 9": "1" }))).toBe("");
    expect(rig.writer.isWhole).toBe(false);
    expect(built().tops).toEqual(["10", "11"]);
  });

  it("takes quantities as they are, and zero as nothing", () => {
    const rig = built();
    const levels = { "bid 10": "7", "bid 9": "3", "offer 11": "0.000", "offer 12": "1" };
    expect(rig.event(...event("update", 1, levels))).toBe("changes");
    expect(rig.book.quantityAt("bid", "10.0")).toBe("7");
    expect(rig.tops).toEqual(["10", "12"]);
  });

  it("is replaced by a second snapshot", () => {
    const rig = built();
    expect(rig.event(...event("snapshot", 1, { "bid 20": "1", "offer 21": "1" }))).toBe("snapshot");
    expect(rig.tops).toEqual(["20", "21"]);
  });

  it("is lost when a change has a gap before it, and asks for nothing itself", () => {
    const rig = built();
    expect(rig.event(...event("update", 2, { "bid 10": "7" }))).toBe("lost gap");
    expect([rig.book.bids, rig.resyncs]).toEqual([[], 0]);
    expect(rig.event(...event("update", 2, { "bid 10": "7" }))).toBe("");
    expect(rig.event(...event("snapshot", 2, SNAPSHOT))).toBe("snapshot");
  });

  it("is lost at once when something is missing, and not built of a snapshot of before", () => {
    const rig = built();
    expect(rig.missed(2)).toBe("lost gap");
    expect(rig.missed(2)).toBe("");
    expect(rig.event(...event("snapshot", 1, SNAPSHOT))).toBe("");
    expect(rig.event(...event("update", 1, { "bid 10": "7" }))).toBe("");
    expect(rig.event(...event("snapshot", 2, SNAPSHOT))).toBe("snapshot");
  });

  it("that is built already does not mind what was missing before", () => {
    const rig = built(3);
    expect(rig.missed(3)).toBe("");
    expect(rig.writer.isWhole).toBe(true);
  });

  it.each([{ "bid x": "1" }, { "bid 9": "-1" }, { "bid 9": "" }, { "buy 9": "1" }])(
    "is lost by what cannot be read, and asks for a snapshot: %j",
    (levels) => {
      const rig = built();
      expect(rig.event(...event("update", 1, levels))).toBe("lost malformed");
      expect(rig.resyncs).toBe(1);
      const other = new Level2Rig();
      other.event(...event("snapshot", 1, levels));
      expect([other.book.size, other.writer.isWhole, other.resyncs]).toEqual([0, false, 1]);
    },
  );

  it("is lost when it becomes crossed, but not when its snapshot was", () => {
    const rig = built();
    expect(rig.event(...event("update", 1, { "bid 11": "1" }))).toBe("lost crossed");
    const other = new Level2Rig();
    expect(other.event(...event("snapshot", 1, { "bid 12": "1", "offer 11": "2" }))).toBe(
      "snapshot",
    );
    expect(other.event(...event("update", 1, { "bid 13": "1" }))).toBe("changes");
    // The auction is over.
    const after = { "bid 13": "0", "bid 12": "0", "bid 10": "1" };
    expect(other.event(...event("update", 1, after))).toBe("changes");
    expect(other.event(...event("update", 1, { "bid 11": "1" }))).toBe("lost crossed");
  });
});

it("the book asks for no snapshot again that lies in the socket while our loop is blocked", () => {
  const rig = new Level2Rig();
  rig.event(...event("snapshot", 1, { "bid 10": "1" }));
  rig.missed(2);
  const asked = rig.resyncs;
  rig.timer.scheduleArrival(29_000, () => rig.event(...event("snapshot", 2, { "bid 10": "2" })));
  rig.timer.stall(31_000);
  expect([rig.resyncs - asked, rig.book.state.snapshot.phase]).toEqual([0, "live"]);
});
