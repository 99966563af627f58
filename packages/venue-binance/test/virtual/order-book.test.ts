import { BinanceMarket } from "@oath-ws/venue-binance";
import type { OrderBook } from "@oath-ws/venue-kit";
import { refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { VirtualVenue } from "../support/virtual-venue.js";

const STREAM = "btcusdt@depth@100ms";

/** A venue with one book, whose updates have the ids 1, 2 and so on. */
class BookVenue {
  readonly venue = new VirtualVenue();
  readonly book: OrderBook;
  snapshots = 0;
  lastId = 10;

  constructor() {
    this.venue.rest = () => {
      this.snapshots++;
      const body = JSON.stringify({
        lastUpdateId: this.lastId,
        bids: [["1.0", String(this.lastId)]],
        asks: [["2.0", "1"]],
      });
      return Promise.resolve({ status: 200, headers: {}, cookies: [], body });
    };
    const market = new BinanceMarket({ runtime: this.venue.runtime });
    this.book = market.book("BTCUSDT");
  }

  update(): object {
    const id = ++this.lastId;
    return { e: "depthUpdate", E: id, s: "BTCUSDT", U: id, u: id, b: [["1.0", String(id)]], a: [] };
  }

  publish(): void {
    this.venue.publish(STREAM, this.update());
  }

  /** The next update cannot be read. */
  garble(): void {
    this.update();
    this.venue.leaf.current?.text("{");
  }

  async live(): Promise<void> {
    await this.venue.world.run(1_000);
    this.publish();
    await this.venue.world.run(1_000);
    expect(this.book.state.snapshot.phase).toBe("live");
    expect([this.snapshots, this.bestQuantity]).toEqual([1, "11"]);
  }

  get bestQuantity(): string | undefined {
    return this.book.quantityAt("bid", "1.0");
  }
}

describe("a book of which an update may be lost", () => {
  it("is not live from then on, and is built again when no update tells", async () => {
    const rig = new BookVenue();
    await rig.live();
    rig.garble();
    await rig.venue.world.settle();
    expect(rig.book.state.snapshot.phase).toBe("stale");
    await rig.venue.world.run(2_500);
    expect([rig.book.state.snapshot.phase, rig.snapshots, rig.bestQuantity]).toEqual([
      "live",
      2,
      "12",
    ]);
  });

  it("is live again with an update that joins on, without a snapshot", async () => {
    const rig = new BookVenue();
    await rig.live();
    rig.venue.leaf.current?.text("{");
    await rig.venue.world.run(100);
    expect(rig.book.state.snapshot.phase).toBe("stale");
    rig.publish();
    await rig.venue.world.run(10_000);
    expect([rig.book.state.snapshot.phase, rig.snapshots, rig.bestQuantity]).toEqual([
      "live",
      1,
      "12",
    ]);
  });

  it("is not trusted because of an update that arrived before the loss", async () => {
    const rig = new BookVenue();
    await rig.live();
    rig.publish();
    rig.garble();
    await rig.venue.world.run(1_000);
    expect(rig.book.state.snapshot.phase).toBe("stale");
    await rig.venue.world.run(1_500);
    expect([rig.book.state.snapshot.phase, rig.snapshots, rig.bestQuantity]).toEqual([
      "live",
      2,
      "13",
    ]);
  });
});

it("a book is not built from what an ended connection left behind", async () => {
  const rig = new BookVenue();
  await rig.live();
  const { leaf, world } = rig.venue;
  leaf.otherwise = refuse({ status: 503 });
  // A hole, and the end of the connection right behind it.
  rig.update();
  rig.publish();
  leaf.current?.reset();
  await world.run(60_000);
  expect([rig.book.state.snapshot.phase, rig.book.bids]).toEqual(["recovering", []]);
});

it("a book of which half of the known levels are gone is renewed while it is live", async () => {
  const venue = new VirtualVenue();
  let top = 100;
  let lastUpdateId = 10;
  const asked: string[] = [];
  venue.rest = (url) => {
    asked.push(url.slice(url.indexOf("limit")));
    const bids = Array.from({ length: 10 }, (_, i) => [String(top - i), "1"]);
    const body = JSON.stringify({ lastUpdateId, bids, asks: [["101", "1"]] });
    return Promise.resolve({ status: 200, headers: {}, cookies: [], body });
  };
  const book = new BinanceMarket({ runtime: venue.runtime }).book("BTCUSDT", { limit: 10 });
  await venue.world.run(10_000);
  expect([book.state.snapshot.phase, book.knownTo("bid")]).toEqual(["live", "91"]);
  // The price falls by six levels.
  const gone = Array.from({ length: 6 }, () => [String(top--), "0"]);
  const id = ++lastUpdateId;
  const update = { e: "depthUpdate", E: 1, s: "BTCUSDT", U: id, u: id, b: gone, a: [] };
  venue.publish(STREAM, update);
  await venue.world.run(1_000);
  expect(asked).toEqual(["limit=10", "limit=10"]);
  expect([book.bids.length, book.best?.bid.price, book.knownTo("bid")]).toEqual([10, "94", "85"]);
  expect(book.state.snapshot).toMatchObject({ phase: "live", recoveries: 0, staleCount: 0 });
});

it("a book is fresh by the arrival of what is in it", async () => {
  const rig = new BookVenue();
  await rig.live();
  await rig.venue.world.run(5_000);
  expect([rig.book.isFresh(1_000), rig.book.isFresh(7_000)]).toEqual([false, true]);
  rig.publish();
  await rig.venue.world.settle();
  expect(rig.book.isFresh(1_000)).toBe(true);
});
