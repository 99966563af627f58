import { describe, expect, test } from "vitest";
import { client, ClientBook, type DepthEvent, sim } from "./support/with-sim.js";

interface Combined {
  readonly stream: string;
  readonly data: Record<string, unknown>;
}

describe("market streams", () => {
  test("the combined form wraps events, the raw form does not (B-2)", async () => {
    const venue = await sim();
    const combined = await client(
      `${venue.url}/stream?streams=btcusdt@aggTrade/ethusdt@depth@100ms`,
    );
    const raw = await client(`${venue.url}/ws/btcusdt@aggTrade`);
    venue.market.step(30);
    await combined.until(() => combined.messages.length >= 40);
    await raw.until(() => raw.messages.length >= 5);
    const names = new Set((combined.messages as Combined[]).map((message) => message.stream));
    expect(names).toEqual(new Set(["btcusdt@aggTrade", "ethusdt@depth@100ms"]));
    expect(raw.messages[0]).toMatchObject({ e: "aggTrade", s: "BTCUSDT", M: true });
    expect(Object.keys(raw.messages[0] as object).join("")).toBe("eEsapqflTmM");
  });

  test("trade and aggregate ids have no holes, and aggregates span their trades", async () => {
    const venue = await sim({ market: { ordersPerStep: 3 } });
    const each = await client(`${venue.url}/stream?streams=btcusdt@aggTrade/btcusdt@trade`);
    venue.market.step(100);
    const { tradeId, aggregateId } = venue.market.lastIds("BTCUSDT");
    await each.until(() => each.messages.length === tradeId + aggregateId);
    const events = (each.messages as Combined[]).map((message) => message.data);
    const trades = events.filter((event) => event["e"] === "trade");
    const aggregates = events.filter((event) => event["e"] === "aggTrade");
    expect(trades.map((event) => event["t"])).toEqual(trades.map((_event, at) => at + 1));
    expect(aggregates.map((event) => event["a"])).toEqual(aggregates.map((_event, at) => at + 1));
    let next = 1;
    for (const aggregate of aggregates) {
      expect(aggregate["f"]).toBe(next);
      next = Number(aggregate["l"]) + 1;
    }
    expect(next - 1).toBe(tradeId);
  });

  test.each(["btcusdt@depth", "btcusdt@depth@100ms"])(
    "%s is contiguous and rebuilds the simulator's own book",
    async (stream) => {
      const venue = await sim();
      const each = await client(`${venue.url}/ws/${stream}`);
      const snapshot = (await (
        await fetch(`${venue.restUrl}/api/v3/depth?symbol=BTCUSDT&limit=5000`)
      ).json()) as ConstructorParameters<typeof ClientBook>[0];
      venue.market.step(200);
      const { updateId } = venue.market.lastIds("BTCUSDT");
      await each.until(() => (each.messages.at(-1) as DepthEvent | undefined)?.u === updateId);
      const events = each.messages as DepthEvent[];
      expect(events[0]?.U).toBe(snapshot.lastUpdateId + 1);
      for (let at = 1; at < events.length; at++)
        expect(events[at]?.U).toBe((events[at - 1]?.u ?? 0) + 1);
      const book = new ClientBook(snapshot);
      for (const event of events) book.apply(event);
      const truth = venue.market.book("BTCUSDT");
      expect(book.sorted()).toEqual({ bids: truth.bids, asks: truth.asks });
      expect(Object.keys(events[0] ?? {}).join("")).toBe("eEsUuba");
    },
  );

  test("a mid-batch snapshot falls strictly inside the next batch and still rebuilds the book", async () => {
    const venue = await sim({ depthSnapshots: "mid-batch" });
    const each = await client(`${venue.url}/ws/ethusdt@depth@100ms`);
    venue.market.step(3);
    const snapshot = (await (
      await fetch(`${venue.restUrl}/api/v3/depth?symbol=ETHUSDT&limit=5000`)
    ).json()) as ConstructorParameters<typeof ClientBook>[0];
    venue.market.step(50);
    const { updateId } = venue.market.lastIds("ETHUSDT");
    await each.until(() => (each.messages.at(-1) as DepthEvent | undefined)?.u === updateId);
    const events = (each.messages as DepthEvent[]).filter(
      (event) => event.u > snapshot.lastUpdateId,
    );
    expect(events[0]?.U).toBeLessThanOrEqual(snapshot.lastUpdateId);
    expect(events[0]?.u).toBeGreaterThan(snapshot.lastUpdateId);
    const book = new ClientBook(snapshot);
    for (const event of events) book.apply(event);
    const truth = venue.market.book("ETHUSDT");
    expect(book.sorted()).toEqual({ bids: truth.bids, asks: truth.asks });
  });

  test("the same seed gives the same payloads, another seed others", async () => {
    const payloads = async (seed: number): Promise<string[]> => {
      const venue = await sim({ seed, market: { startTimeMs: 1_700_000_000_000 } });
      const each = await client(
        `${venue.url}/stream?streams=btcusdt@trade/btcusdt@depth@100ms/btcusdt@kline_1m/btcusdt@ticker`,
      );
      venue.market.step(60);
      const { updateId } = venue.market.lastIds("BTCUSDT");
      await each.until(() => each.raw.some((text) => text.includes(`"u":${updateId},`)));
      await each.until(() => each.raw.filter((text) => text.includes("24hrTicker")).length === 6);
      return each.raw;
    };
    const first = await payloads(7);
    expect(await payloads(7)).toEqual(first);
    expect(await payloads(8)).not.toEqual(first);
  });

  test("every documented stream delivers its payload", async () => {
    const shapes: Record<string, string> = {
      "btcusdt@bookTicker": "usbBaA",
      "btcusdt@depth5@100ms": "lastUpdateIdbidsasks",
      "btcusdt@depth20": "lastUpdateIdbidsasks",
      "btcusdt@kline_1s": "eEsk",
      "btcusdt@kline_1h@+08:00": "eEsk",
      "btcusdt@miniTicker": "eEscohlvq",
      "btcusdt@ticker": "eEspPwxcQbBaAohlvqOCFLn",
      "btcusdt@ticker_4h": "eEspPwcohlvqOCFLn",
      "btcusdt@avgPrice": "eEsiwT",
      "btcusdt@referencePrice": "esrt",
      "btcusdt@blockTrade": "eEstpqTm",
    };
    const venue = await sim();
    const names = [...Object.keys(shapes), "!miniTicker@arr", "!ticker_1h@arr"];
    const each = await client(`${venue.url}/stream?streams=${names.join("/")}`);
    venue.market.step(151);
    const seen = (): Map<string, Record<string, unknown>> =>
      new Map((each.messages as Combined[]).map((message) => [message.stream, message.data]));
    await each.until(() => seen().size === names.length);
    for (const [name, keys] of Object.entries(shapes))
      expect(Object.keys(seen().get(name) ?? {}).join("")).toBe(keys);
    expect(seen().get("btcusdt@depth5@100ms")?.["bids"]).toHaveLength(5);
    expect(seen().get("!miniTicker@arr")).toBeInstanceOf(Array);
    expect(each.messages.length).toBeGreaterThan(300);
  });

  test("times are in microseconds where the URL asks for it (B-4)", async () => {
    const venue = await sim({ market: { ordersPerStep: 2 } });
    const each = await client(`${venue.url}/ws/btcusdt@trade?timeUnit=MICROSECOND`);
    venue.market.step(20);
    await each.until(() => each.messages.length > 0);
    const { E, T } = each.messages[0] as { E: number; T: number };
    expect(E).toBeGreaterThan(1_600_000_000_000_000);
    expect(T).toBe(E);
  });

  test("paths that are none of the venue's are refused, and counted", async () => {
    const venue = await sim();
    await expect(client(`${venue.url}/nowhere`)).rejects.toThrow("404");
    await expect(client(`${venue.url}/stream?streams=${"x".repeat(9_000)}`)).rejects.toThrow("414");
    expect(venue.stats().connects.map((each) => each.refused)).toEqual([
      "bad-target",
      "bad-target",
    ]);
  });

  test("the timer moves the market by itself", async () => {
    const venue = await sim({ market: { auto: true, stepMs: 1 } });
    const each = await client(`${venue.url}/ws/btcusdt@depth@100ms`);
    await each.until(() => each.messages.length >= 5);
    expect(venue.market.steps).toBeGreaterThanOrEqual(5);
  });
});
