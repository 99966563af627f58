import { describe, expect, it } from "vitest";
import { ask, client, errors, frames, jwt, sim } from "./with-sim.js";

const LEVEL2 = { type: "subscribe", channel: "level2", product_ids: ["BTC-USD"] };

function kinds(list: ReturnType<typeof frames>): readonly string[] {
  return list.map(({ channel, events }) =>
    `${channel} ${(events[0]?.["type"] as string | undefined) ?? ""}`.trim(),
  );
}

describe("a connection", () => {
  it("numbers all frames from 0, over all channels, errors excepted", async () => {
    const venue = await sim();
    const one = await client(venue.url);
    await ask(one, { type: "subscribe", channel: "heartbeats" });
    await ask(one, LEVEL2);
    await ask(one, { type: "subscribe", channel: "nonsense" });
    await ask(one, { type: "subscribe", channel: "ticker", product_ids: ["ETH-USD", "SOL-USD"] });
    venue.market.step(10);
    await one.until(() => frames(one).length >= 16);
    expect(frames(one).map(({ sequence_num }) => sequence_num)).toEqual(
      frames(one).map((_, index) => index),
    );
    expect(errors(one)).toEqual(["authentication failure"]);
    const other = await client(venue.url);
    await ask(other, LEVEL2);
    expect(frames(other)[0]?.sequence_num).toBe(0);
  });

  it("is sent the snapshot before the acknowledgement, heartbeats aside", async () => {
    const one = await client((await sim()).url);
    await ask(one, { type: "subscribe", channel: "heartbeats" });
    await ask(one, LEVEL2);
    expect(kinds(frames(one))).toEqual(["subscriptions", "l2_data snapshot", "subscriptions"]);
    expect(frames(one)[2]?.events).toEqual([
      { subscriptions: { heartbeats: ["heartbeats"], level2: ["BTC-USD"] } },
    ]);
  });

  it("is sent it after the acknowledgement by option", async () => {
    const one = await client((await sim({ wire: { acks: "ack-first" } })).url);
    await ask(one, LEVEL2);
    await one.until(() => frames(one).length === 2);
    expect(kinds(frames(one))).toEqual(["subscriptions", "l2_data snapshot"]);
  });

  it("gets no second snapshot of what it has, but after it was given up", async () => {
    const one = await client((await sim()).url);
    await ask(one, LEVEL2);
    await ask(one, LEVEL2);
    await ask(one, { ...LEVEL2, type: "unsubscribe" });
    await ask(one, LEVEL2);
    expect(kinds(frames(one))).toEqual([
      "l2_data snapshot",
      "subscriptions",
      "subscriptions",
      "subscriptions",
      "l2_data snapshot",
      "subscriptions",
    ]);
  });

  it("has one book for both names of a product, pushed under one of them", async () => {
    const venue = await sim({ products: ["BTC-USD", "USDT-USDC"] });
    const one = await client(venue.url);
    await ask(one, { ...LEVEL2, product_ids: ["BTC-USDC", "USDT-USDC"] });
    expect(frames(one).map(({ events }) => events[0]?.["product_id"])).toEqual([
      "BTC-USD",
      "USDT-USDC",
      undefined,
    ]);
    await ask(one, { ...LEVEL2, type: "unsubscribe", product_ids: ["BTC-USD"] });
    expect(frames(one).at(-1)?.events).toEqual([{ subscriptions: { level2: ["USDT-USDC"] } }]);
  });

  it("may have 30 products of level2, and the request that wants more is refused whole", async () => {
    const products = Array.from({ length: 32 }, (_, index) => `P${index}-USD`);
    const venue = await sim({ products });
    const one = await client(venue.url);
    await ask(one, { ...LEVEL2, product_ids: products.slice(0, 30) });
    await ask(one, { ...LEVEL2, product_ids: products.slice(29, 31) });
    expect(errors(one)).toEqual(["too many L2 streams requested in a single session"]);
    await ask(one, { ...LEVEL2, type: "unsubscribe", product_ids: ["P0-USD"] });
    await ask(one, { ...LEVEL2, product_ids: ["P30-USD"] });
    expect(errors(one)).toHaveLength(1);
    expect(venue.stats().subscriptions[0]?.topics).toHaveLength(30);
  });
});

describe("the book", () => {
  it("that is made of the frames is the venue's", async () => {
    const venue = await sim();
    const one = await client(venue.url);
    await ask(one, LEVEL2);
    venue.market.step(50);
    await one.until(() => frames(one).length === 52);
    const book = { bid: new Map<string, string>(), offer: new Map<string, string>() };
    for (const { events } of frames(one)) {
      for (const { updates } of events) {
        type Update = { side: "bid" | "offer"; price_level: string; new_quantity: string };
        for (const { side, price_level, new_quantity } of (updates ?? []) as Update[]) {
          if (new_quantity === "0") book[side].delete(price_level);
          else book[side].set(price_level, new_quantity);
        }
      }
    }
    const { bids, asks } = venue.market.book("BTC-USD");
    expect(book.bid).toEqual(new Map(bids));
    expect(book.offer).toEqual(new Map(asks));
  });

  it("of 40 000 levels exceeds 4 MiB", async () => {
    const venue = await sim({ market: { levels: 20_000 } });
    const one = await client(venue.url);
    await ask(one, LEVEL2);
    expect(one.raw[0]?.length).toBeGreaterThan(4 * 1_048_576);
    expect(frames(one)[0]?.events[0]?.["updates"]).toHaveLength(40_000);
  });
});

describe("every other channel", () => {
  it("begins with a snapshot and goes on", async () => {
    const venue = await sim();
    const one = await client(venue.url);
    for (const channel of ["ticker", "ticker_batch", "candles", "market_trades", "status"]) {
      await ask(one, { type: "subscribe", channel, product_ids: ["BTC-USD"] });
    }
    expect(kinds(frames(one)).filter((kind) => kind !== "subscriptions")).toEqual([
      "ticker snapshot",
      "ticker_batch snapshot",
      "candles snapshot",
      "market_trades snapshot",
      "status snapshot",
    ]);
    venue.market.step(50);
    await one.until(() => kinds(frames(one)).includes("ticker_batch update"));
    const after = new Set(kinds(frames(one)).slice(10));
    expect(after).toEqual(
      new Set(["ticker update", "ticker_batch update", "candles update", "market_trades update"]),
    );
  });

  it("trades newest first, without holes in the ids, as the record has it", async () => {
    const venue = await sim();
    const one = await client(venue.url);
    await ask(one, { type: "subscribe", channel: "market_trades", product_ids: ["BTC-USD"] });
    venue.market.step(60);
    const { last } = venue.record.published("market_trades:BTC-USD")[0] ?? { last: 0 };
    const ids = (): number[] =>
      frames(one)
        .slice(2)
        .flatMap(({ events }) => events)
        .flatMap(({ trades }) =>
          (trades as Array<{ trade_id: string }>)
            .toReversed()
            .map(({ trade_id }) => Number(trade_id)),
        );
    await one.until(() => ids().at(-1) === last);
    expect(ids()).toEqual(Array.from({ length: last }, (_, index) => index + 1));
  });

  it("beats once a second of the venue's time, with a counter that is no connection's", async () => {
    const venue = await sim({ timeScale: 20, wire: { counterAsText: true, clientId: true } });
    const one = await client(venue.url);
    await ask(one, { type: "subscribe", channel: "heartbeats" });
    await one.until(() => frames(one).length === 4);
    const [ack, ...beats] = frames(one);
    expect(ack).toMatchObject({ channel: "subscriptions", client_id: "", sequence_num: 0 });
    const counters = beats.map(({ events }) => events[0]?.["heartbeat_counter"]);
    expect(counters.map((each) => typeof each)).toEqual(["string", "string", "string"]);
    expect(Number(counters[2]) - Number(counters[0])).toBe(2);
    expect(Number(counters[0])).toBeGreaterThan(1_000);
    expect(beats[0]?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
  });
});

describe("an account", () => {
  it.each([
    [false, [50, 50, undefined]],
    [true, [50, 50, 0, undefined]],
  ])(
    "shows its orders in batches of 50, then the acknowledgement, on both endpoints (empty " +
      "batch: %j)",
    async (trailingEmptyBatch, batches) => {
      const venue = await sim({ accounts: [{ orders: 100 }], wire: { trailingEmptyBatch } });
      for (const url of [venue.userUrl, venue.url]) {
        const one = await client(url);
        await ask(one, { type: "subscribe", channel: "user", jwt: jwt(venue.account()) });
        const sizes = frames(one).map(
          ({ events }) => (events[0]?.["orders"] as unknown[] | undefined)?.length,
        );
        expect(sizes).toEqual(batches);
        expect(frames(one).at(-1)?.events).toEqual([
          { subscriptions: { user: [expect.stringMatching(/^[0-9a-f-]{36}$/)] } },
        ]);
      }
    },
  );

  it("without orders shows one empty batch, and orders have all of the venue's fields", async () => {
    const venue = await sim();
    const one = await client(venue.userUrl);
    await ask(one, { type: "subscribe", channel: "user", jwt: jwt(venue.account()) });
    expect(frames(one)[0]?.events).toMatchObject([{ type: "snapshot", orders: [] }]);
    const order = venue
      .account()
      .place({ productId: "BTC-USD", side: "BUY", price: "100", quantity: "2" });
    expect(Object.keys(order)).toHaveLength(29);
  });

  it("tells of its orders and its balance, to no other account", async () => {
    const venue = await sim({ accounts: [{}, { keyName: "organizations/sim/apiKeys/other" }] });
    const [one, other] = [await client(venue.userUrl), await client(venue.userUrl)];
    for (const channel of ["user", "futures_balance_summary"]) {
      await ask(one, { type: "subscribe", channel, jwt: jwt(venue.account()) });
      await ask(other, {
        type: "subscribe",
        channel,
        jwt: jwt(venue.account("organizations/sim/apiKeys/other")),
      });
    }
    const { order_id } = venue
      .account()
      .place({ productId: "BTC-USD", side: "SELL", price: "70000", quantity: "1" });
    venue.account().cancel(order_id);
    venue.account().setBuyingPower("7");
    await one.until(() => frames(one).length === 7);
    const changes = frames(one).slice(4);
    expect(
      changes.map(
        ({ events }) =>
          (events[0]?.["orders"] as Array<{ status: string }> | undefined)?.[0]?.status,
      ),
    ).toEqual(["OPEN", "CANCELLED", undefined]);
    expect(changes[2]?.events[0]).toMatchObject({
      fcm_balance_summary: { futures_buying_power: "7" },
    });
    expect(frames(other)).toHaveLength(4);
  });
});
