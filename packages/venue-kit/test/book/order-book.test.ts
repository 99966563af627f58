import { crc32 as zlibCrc32 } from "node:zlib";
import { crc32, objectLevels } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import { BookRig, CountedLevels } from "../support/book-rig.js";

const BIDS = [
  ["10.0", "1.0"],
  ["9.5", "2.0"],
];
const ASKS = [
  ["11.0", "3.0"],
  ["12.0", "4.0"],
];

function live(options?: ConstructorParameters<typeof BookRig>[0]): BookRig {
  const rig = new BookRig(options);
  rig.replace(BIDS, ASKS);
  expect(rig.phase).toBe("live");
  return rig;
}

describe("an order book", () => {
  it("shows levels as the venue wrote them, best first", () => {
    const { book } = live();
    expect(book.best).toEqual({
      bid: { price: "10.0", quantity: "1.0" },
      ask: { price: "11.0", quantity: "3.0" },
    });
    expect(book.at(1)?.ask.price).toBe("12.0");
    expect(book.at(2)).toBeUndefined();
    expect(book.top("bid", 1)).toEqual([{ price: "10.0", quantity: "1.0" }]);
    expect([book.size, book.bids.length, book.asks.length]).toEqual([4, 2, 2]);
    expect(book.quantityAt("bid", "10")).toBe("1.0");
    expect(book.quantityAt("ask", "10")).toBeUndefined();
    expect(() => book.quantityAt("bid", "1e1")).toThrowError(
      expect.objectContaining({ code: "DECIMAL_INVALID", field: "price" }),
    );
  });

  it("of limited depth does not know what stands beyond its worst level, once it is full", () => {
    const { book } = live({ depth: 2 });
    expect([book.knownTo("bid"), book.knownTo("ask")]).toEqual(["9.5", "12.0"]);
    expect([book.isKnown("bid", "9.4"), book.isKnown("ask", "12.1")]).toEqual([false, false]);
    expect([book.isKnown("bid", "9.50"), book.isKnown("ask", "11.5")]).toEqual([true, true]);
    const { book: deeper } = live({ depth: 3 });
    expect([deeper.knownTo("bid"), deeper.isKnown("bid", "1")]).toEqual([undefined, true]);
  });

  it("reads levels that are objects, and takes what is none for one that cannot be read", () => {
    const rig = live();
    const names = { price: "price", quantity: "qty" };
    const changes = (bids: unknown): void =>
      rig.writer.change({
        levels: objectLevels(bids, [{ price: "11.0", qty: "0" }], names),
        receivedAt: 0,
        raw: "raw",
      });
    changes([{ price: "10.5", qty: "7" }]);
    expect(rig.book.best).toEqual({
      bid: { price: "10.5", quantity: "7" },
      ask: { price: "12.0", quantity: "4.0" },
    });
    changes("none");
    expect(rig.lost).toEqual(["malformed"]);
  });

  it("can be checked by the CRC32 that everybody has", () => {
    const texts = ["", "123456789", "0", "50055005010500"];
    expect(texts.map(crc32)).toEqual(texts.map((text) => zlibCrc32(text)));
  });

  it("tells its changes as they were taken up, with the venue's message", () => {
    const rig = live();
    rig.change([["10.00", "0.00"]], [["11", "5"]]);
    expect(rig.took()).toEqual([
      { kind: "snapshot", bids: 2, asks: 2, updateId: undefined },
      {
        kind: "changes",
        bids: [{ price: "10.00", quantity: "0.00" }],
        asks: [{ price: "11", quantity: "5" }],
        updateId: undefined,
        raw: "raw",
      },
    ]);
    expect(rig.book.best?.bid.price).toBe("9.5");
    expect(rig.book.asks[0]).toEqual({ price: "11", quantity: "5" });
  });

  it.each(["", " ", "0x0", "1e-400", "-0", "NaN", "Infinity", "1e309", null, 0, undefined, {}])(
    "is lost by the quantity %j, and never has a level removed by it",
    (quantity) => {
      const rig = live();
      rig.change([], [["11.0", quantity]]);
      expect([rig.lost, rig.phase, rig.book.size]).toEqual([["malformed"], "recovering", 0]);
      expect(rig.book.state.snapshot.cause).toMatchObject({
        code: "DECIMAL_INVALID",
        field: "quantity",
      });
      const other = new BookRig();
      other.replace(BIDS, [["11.0", quantity]]);
      expect([other.lost, other.book.size]).toEqual([["malformed"], 0]);
    },
  );

  it.each([["x"], "11", null, 7, [], [["11"], "1"]])("is lost by the level %j", (level) => {
    const rig = live();
    rig.change([level]);
    expect([rig.lost, rig.book.size]).toEqual([["malformed"], 0]);
  });

  it("is lost when it becomes crossed", () => {
    const rig = live();
    rig.change([["11.00", "1"]]);
    expect([rig.lost, rig.book.best]).toEqual([["crossed"], undefined]);
    expect(rig.took().at(-1)).toEqual({ kind: "lost", reason: "crossed" });
    rig.replace([["11", "1"]], [["11.0", "1"]]);
    expect(rig.lost).toEqual(["crossed", "crossed"]);
  });

  it("may begin crossed in an auction, until it is not", () => {
    const rig = new BookRig({ maySnapshotCross: true });
    rig.replace([["11", "1"]], [["11.0", "1"]]);
    rig.change([["12", "1"]]);
    expect(rig.phase).toBe("live");
    rig.change([
      ["12", "0"],
      ["11", "0"],
    ]);
    rig.change([["11", "1"]]);
    expect(rig.lost).toEqual(["crossed"]);
  });

  it("is built again when it is asked to", () => {
    const rig = live();
    rig.book.resync();
    expect([rig.lost, rig.phase]).toEqual([["requested"], "recovering"]);
    rig.replace(BIDS, ASKS);
    expect([rig.phase, rig.book.size]).toEqual(["live", 4]);
  });

  it("is lost by a checksum that does not match, of the levels after the change", () => {
    const rig = live();
    const seen: string[] = [];
    const changeWith = (matches: boolean): void =>
      rig.writer.change({
        levels: { size: 0, read: () => undefined },
        receivedAt: 0,
        raw: "",
        checksum: {
          depth: 1,
          matches: ({ bids, asks }) => {
            seen.push(...bids.map(({ price }) => price), ...asks.map(({ price }) => price));
            return matches;
          },
        },
      });
    changeWith(true);
    expect([rig.phase, seen]).toEqual(["live", ["10.0", "11.0"]]);
    changeWith(false);
    expect([rig.lost, rig.book.size]).toEqual([["checksum"], 0]);
  });

  it("keeps no more levels than the venue tells of", () => {
    const rig = live({ depth: 2 });
    rig.change([["9.9", "1"]], [["10.5", "1"]]);
    expect(rig.book.bids.map(({ price }) => price)).toEqual(["10.0", "9.9"]);
    expect(rig.book.asks.map(({ price }) => price)).toEqual(["10.5", "11.0"]);
  });

  it("is empty and ended once closed", () => {
    const rig = live();
    rig.book.close();
    rig.book.close();
    rig.replace(BIDS, ASKS);
    expect([rig.phase, rig.book.size, rig.ended]).toEqual(["closed", 0, 1]);
  });
});

describe("a book of which a limited snapshot is known", () => {
  it("shows nothing from beyond the snapshot's last level", () => {
    const rig = new BookRig();
    rig.replace(BIDS, ASKS, 2);
    expect([rig.book.knownTo("bid"), rig.book.knownTo("ask")]).toEqual(["9.5", "12.0"]);
    // Only the venue knows which levels stand between 9.5 and 8.
    rig.change([["8", "1"]], [["13", "1"]]);
    expect(rig.book.quantityAt("bid", "8")).toBeUndefined();
    expect([rig.book.isKnown("bid", "8"), rig.book.isKnown("bid", "9.50")]).toEqual([false, true]);
    rig.change([["10", "0"]]);
    expect([rig.book.best?.bid.price, rig.shallow]).toEqual(["9.5", 0]);
    rig.change([["9.5", "0"]]);
    expect([rig.lost, rig.book.size]).toEqual([["depth"], 0]);
  });

  it("asks for another snapshot when half of a side is gone, and stays live meanwhile", () => {
    const rig = new BookRig();
    const bids = Array.from({ length: 10 }, (_, i) => [String(100 - i), "1"]);
    rig.replace(bids, [["101", "1"]], 10);
    rig.change(bids.slice(0, 5).map(([price]) => [price, "0"]));
    expect(rig.shallow).toBe(0);
    rig.change([["95", "0"]]);
    expect([rig.shallow, rig.phase, rig.book.knownTo("bid")]).toEqual([1, "live", "91"]);
    // One ask: the venue sent all of that side.
    expect(rig.book.knownTo("ask")).toBeUndefined();
    rig.replace(bids.slice(6), [["101", "1"]], 10);
    expect([rig.book.knownTo("bid"), rig.lost]).toEqual([undefined, []]);
    expect(rig.took().map(({ kind }) => kind)).not.toContain("lost");
  });
});

describe("a book that has much to take up", () => {
  const price = (index: number): string => String(10_000_000 - index);

  it("builds a snapshot in bounded turns, and shows it when it is whole", () => {
    const rig = new BookRig();
    const levels = new CountedLevels(200_000, price);
    rig.writer.replace({ levels, receivedAt: 0 });
    let turns = 1;
    for (let before = 0; rig.phase !== "live"; turns++) {
      expect(levels.reads - before).toBeLessThanOrEqual(4_096);
      before = levels.reads;
      expect([rig.phase, rig.book.size]).toEqual(["subscribing", 0]);
      expect(rig.turn()).toBe(true);
    }
    expect(turns).toBeGreaterThan(20);
    expect([rig.book.size, rig.book.asks[0]?.price]).toEqual([200_000, price(199_999)]);
  });

  it("shows the book of before while a new snapshot is built beside it", () => {
    const rig = live();
    rig.writer.replace({ levels: new CountedLevels(20_000, price), receivedAt: 0 });
    rig.change([], [["10000001", "1"]]);
    expect([rig.phase, rig.book.size]).toEqual(["live", 4]);
    while (rig.turn());
    expect([rig.phase, rig.book.size, rig.lost]).toEqual(["live", 20_001, []]);
  });

  it("shows nothing while one message changes more than a turn takes up", () => {
    const rig = live();
    rig.writer.change({ levels: new CountedLevels(20_000, price), receivedAt: 0, raw: "" });
    expect([rig.phase, rig.book.size, rig.book.isFresh(1e9)]).toEqual(["recovering", 0, false]);
    expect(rig.book.quantityAt("bid", "10")).toBeUndefined();
    while (rig.turn());
    expect([rig.phase, rig.book.size, rig.lost]).toEqual(["live", 20_004, []]);
  });

  it("takes up a burst in bounded turns, each message whole", () => {
    const rig = live();
    for (let i = 0; i < 100; i++) {
      const levels = new CountedLevels(1_000, (index) => String(1_000 * i + index + 20));
      rig.writer.change({ levels, receivedAt: 0, raw: "" });
    }
    let turns = 0;
    for (; rig.book.size < 100_004; turns++) {
      expect(rig.phase).toBe("live");
      expect(rig.book.size % 1_000).toBe(4);
      expect(rig.turn()).toBe(true);
    }
    expect(turns).toBeGreaterThan(10);
  });

  it("is lost when more waits than is kept", () => {
    const rig = live();
    rig.writer.replace({ levels: new CountedLevels(20_000, price), receivedAt: 0 });
    for (let i = 0; i < 10_000; i++) rig.change([["9", "1"]]);
    expect([rig.lost, rig.phase, rig.book.size]).toEqual([["lagged"], "recovering", 0]);
    rig.replace(BIDS, ASKS);
    while (rig.turn());
    expect(rig.phase).toBe("live");
  });

  it("takes up nothing of what waited once it is lost or closed", () => {
    const rig = live();
    const levels = new CountedLevels(20_000, price);
    rig.writer.replace({ levels, receivedAt: 0 });
    rig.book.close();
    const before = levels.reads;
    while (rig.turn());
    expect([levels.reads, rig.phase]).toEqual([before, "closed"]);
  });
});

describe("the freshness of a book", () => {
  it("is the age of the newest update in it, and only while it is live", () => {
    const rig = live();
    expect([rig.book.isFresh(0), new BookRig().book.isFresh(1e9)]).toEqual([true, false]);
    rig.timer.advance(1_000);
    expect([rig.book.isFresh(999), rig.book.isFresh(1_000)]).toEqual([false, true]);
    // It arrived 300 ms ago.
    rig.change([["9", "1"]], [], rig.timer.now() - 300);
    expect([rig.book.isFresh(299), rig.book.isFresh(300)]).toEqual([false, true]);
    rig.topic.enter("stale");
    rig.writer.refresh();
    expect(rig.book.isFresh(1e9)).toBe(false);
    rig.topic.enter("live");
    rig.writer.refresh();
    expect(rig.book.isFresh(300)).toBe(true);
    rig.writer.lose("gap");
    expect(rig.book.isFresh(1e9)).toBe(false);
  });

  it("counts time during which the machine slept, and no step of the clock backwards", () => {
    const rig = live();
    rig.timer.sleep(8 * 3_600_000);
    expect(rig.book.isFresh(60_000)).toBe(false);
    rig.change([["9", "1"]]);
    expect(rig.book.isFresh(0)).toBe(true);
  });

  it("is not renewed by changes that arrived before the snapshot they follow", () => {
    const rig = new BookRig();
    rig.timer.advance(5_000);
    rig.replace(BIDS, ASKS);
    rig.change([["9", "1"]], [], 0);
    expect(rig.book.isFresh(0)).toBe(true);
  });
});
