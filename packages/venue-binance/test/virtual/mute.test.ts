import { BinanceMarket } from "@oath-ws/venue-binance";
import type { MarketOptions } from "@oath-ws/venue-binance";
import { describe, expect, it } from "vitest";
import { VirtualVenue } from "../support/virtual-venue.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A venue that sends an event of each stream when told to, and may be mute. */
class Market {
  readonly venue = new VirtualVenue();
  readonly adapter: BinanceMarket;
  #id = 0;

  constructor(options: Partial<MarketOptions> = {}) {
    this.adapter = new BinanceMarket({ runtime: this.venue.runtime, ...options });
    this.#ping();
  }

  get dials(): number {
    return this.venue.leaf.dials.length;
  }

  /** Subscribes, and gives a function that tells the phases. */
  hold(...names: readonly string[]): () => readonly string[] {
    const held = names.map((name) => this.adapter.subscribe(name, { policy: { kind: "latest" } }));
    return () => held.map(({ state }) => state.snapshot.phase);
  }

  /** Publishes to every stream, so often and for so long. */
  async publish(everyMs: number, forMs: number, ...names: readonly string[]): Promise<void> {
    for (let passed = 0; passed < forMs; passed += everyMs) {
      for (const name of names) this.venue.publish(name, this.#event(name));
      await this.venue.world.run(everyMs);
    }
  }

  async end(): Promise<void> {
    await this.venue.world.complete(this.adapter.shutdown());
    expect(this.venue.leaf.openSockets).toBe(0);
  }

  #event(name: string): object {
    const id = ++this.#id;
    if (name.startsWith("!")) return [{ e: "24hrMiniTicker", E: id, s: "BTCUSDT" }];
    return { E: id, s: "BTCUSDT", t: id, U: id, u: id, b: [], a: [] };
  }

  /** The venue pings every 20 s, whether it is mute or not (B-6). */
  #ping(): void {
    for (const peer of this.venue.leaf.peers) if (peer.isOpen) peer.ping("p");
    this.venue.world.timer.schedule(20 * SECOND, () => this.#ping());
  }
}

describe("a connection that answers pings and brings nothing", () => {
  it.each([
    ["quotes of one symbol", ["btcusdt@trade", "btcusdt@bookTicker", "btcusdt@depth"], 30],
    ["a candle", ["btcusdt@kline_1m", "btcusdt@trade"], 10],
    ["all symbols", ["!miniTicker@arr"], 10],
    ["a hundred symbols", Array.from({ length: 100 }, (_, index) => `s${index}@trade`), 30],
  ])(
    "is noticed with %s: stale, then replaced with pauses that double",
    async (_, names, staleS) => {
      const market = new Market();
      const phases = market.hold(...names);
      await market.venue.world.run(5 * SECOND);
      await market.publish(100, 10 * SECOND, ...names);
      await market.venue.world.run((staleS - 1) * SECOND);
      expect(new Set(phases().slice(0, 1))).toEqual(new Set(["live"]));
      expect(market.dials).toBe(1);
      await market.venue.world.run(1_100);
      expect(phases()[0]).toBe("stale");
      expect(market.dials).toBe(1);
      await market.venue.world.run(5 * MINUTE);
      expect(phases()[0]).toBe("stale");
      await market.venue.world.run(10 * HOUR);
      // 1, 3, 7, 15, 31 and 63 minutes, then every hour; fresh again after six of them.
      expect(market.dials).toBeGreaterThan(10);
      expect(market.dials).toBeLessThan(24);
      await market.publish(SECOND, 10 * SECOND, ...names);
      expect(phases().every((phase) => phase === "live")).toBe(true);
      await market.end();
    },
  );

  it.each([
    ["one trade in two hours", ["xyzbtc@trade"], 2 * HOUR],
    ["a book that rests for minutes", ["xyzbtc@depth"], 10 * MINUTE],
    ["a few symbols that are seldom traded", ["a@trade", "b@aggTrade", "c@ticker"], HOUR],
    ["a few block trades a day", ["xyzbtc@blockTrade"], 7 * HOUR],
  ])("is not taken for mute with %s", async (_, names, everyMs) => {
    const market = new Market();
    const phases = market.hold(...names);
    await market.venue.world.run(5 * SECOND);
    await market.publish(everyMs, 20 * HOUR, ...names);
    await market.venue.world.run(90 * SECOND);
    // Before the 23 hours after which the venue's own limit asks for a new connection.
    expect(market.dials).toBe(1);
    expect(phases()).toEqual(names.map((name) => (name.endsWith("blockTrade") ? "live" : "stale")));
    await market.end();
  });

  it("is not replaced while anything comes on it", async () => {
    const market = new Market();
    const phases = market.hold("btcusdt@kline_1s", "btcusdt@depth", "ethusdt@trade");
    await market.venue.world.run(5 * SECOND);
    await market.publish(25 * SECOND, HOUR, "ethusdt@trade");
    expect(market.dials).toBe(1);
    expect(phases()).toEqual(["stale", "stale", "live"]);
    await market.end();
  });

  it.each([
    [false, 1],
    [300_000, 2],
  ] as const)("is replaced as the option says: %s", async (muteAfterMs, dials) => {
    const market = new Market({ muteAfterMs });
    market.hold("btcusdt@kline_1s");
    await market.venue.world.run(10 * MINUTE);
    expect(market.dials).toBe(dials);
    await market.end();
  });

  it.each([0, -1, Number.NaN, true as unknown as number])(
    "has a number as its option, not %s",
    (muteAfterMs) => {
      expect(() => new Market({ muteAfterMs })).toThrow(/muteAfterMs/);
    },
  );
});

it("a book is stale in silence", async () => {
  const market = new Market();
  market.venue.rest = () =>
    Promise.resolve({
      status: 200,
      headers: {},
      cookies: [],
      body: JSON.stringify({ lastUpdateId: 1, bids: [["1", "1"]], asks: [["2", "1"]] }),
    });
  const book = market.adapter.book("btcusdt");
  await market.venue.world.run(20 * SECOND);
  expect(book.state.snapshot.phase).toBe("live");
  await market.venue.world.run(20 * SECOND);
  expect(book.state.snapshot.phase).toBe("stale");
  await market.end();
});
