import { AttemptGate, nodeRuntime } from "oath-ws";
import { describe, expect, it } from "vitest";
import { CoinbaseMarket } from "@oath-ws/venue-coinbase";
import type { Subscription, TopicEvent } from "@oath-ws/venue-kit";
import type { TradesEvent } from "@oath-ws/venue-coinbase";
import { openMarket, QUICK, readUntil, signerOf, startVenue, until } from "../support/venue.js";
import type { CoinbaseSim } from "../support/venue.js";

function requests(sim: CoinbaseSim, connection: number): readonly string[] {
  const own = sim.stats().requests.filter((request) => request.connection === connection);
  return own.map(({ type, channel, productIds }) => [type, channel, ...productIds].join(" "));
}

async function traded(
  subscription: Subscription<TradesEvent>,
  count: number,
): Promise<readonly TopicEvent<TradesEvent>[]> {
  return readUntil(subscription, (_, events) => events.length === count);
}

describe("after a break", () => {
  it.each(["reset", "half-open", "close"] as const)(
    "heartbeats and topics are restored, and nothing cancelled: %s",
    async (kind) => {
      const sim = await startVenue();
      const market = openMarket(sim);
      const ticker = market.subscribe("ticker:BTC-USD");
      const beats = market.subscribe("heartbeats");
      const cancelled = market.subscribe("candles:ETH-USD");
      await Promise.all([readUntil(ticker, () => true), readUntil(cancelled, () => true)]);
      cancelled.close();
      await sim.waitFor(
        ({ subscriptions }) => !subscriptions[0]!.topics.includes("candles:ETH-USD"),
      );
      if (kind === "close") sim.faults.apply({ kind, code: 1000, reason: "" });
      else sim.faults.apply({ kind });
      const [event] = (await readUntil(ticker, ({ epoch }) => epoch === 2)).slice(-1);
      expect(event).toMatchObject({ gaps: 1, data: { type: "snapshot" } });
      expect(ticker.gaps).toMatchObject([{ reason: "reconnect" }]);
      await readUntil(beats, ({ epoch }) => epoch === 2);
      expect(requests(sim, 2)).toEqual(["subscribe heartbeats", "subscribe ticker BTC-USD"]);
    },
  );

  it("is nothing subscribed that the venue would miss within its deadline", async () => {
    const sim = await startVenue({
      limits: { subscribeWithinMs: 1_000, idleMinMs: 2_000, idleMaxMs: 2_500 },
      market: { auto: false },
    });
    const market = openMarket(sim);
    const quiet = market.subscribe("market_trades:BTC-USD");
    const beats = market.subscribe("heartbeats");
    // Three times as long as an idle connection may last.
    await readUntil(beats, (_, all) => all.length === 8);
    expect(sim.stats()).toMatchObject({ accepted: 1, disconnects: { notSubscribed: 0, idle: 0 } });
    expect(quiet.state.snapshot.phase).toBe("live");
  });
});

describe("a mute connection", () => {
  it("makes everything on it stale, and is replaced, although it answers pings", async () => {
    const sim = await startVenue({ market: { auto: false } });
    const market = openMarket(sim, { heartbeat: { staleAfterMs: 300, deadAfterMs: 600 } });
    const book = market.book("BTC-USD");
    const trades = market.subscribe("market_trades:BTC-USD");
    await until(book.state, ({ phase }) => phase === "live");
    sim.faults.mute();
    await Promise.all([
      until(book.state, ({ phase }) => phase === "stale"),
      until(trades.state, ({ phase }) => phase === "stale"),
    ]);
    expect(sim.stats().accepted).toBe(1);
    await until(book.state, ({ phase, epoch }) => phase === "live" && epoch === 2);
    expect(sim.stats().accepted).toBe(2);
  });

  it("is live again with its heartbeats, quiet topics included", async () => {
    const sim = await startVenue({ market: { auto: false } });
    const market = openMarket(sim, { heartbeat: { staleAfterMs: 300, deadAfterMs: 20_000 } });
    const book = market.book("BTC-USD");
    await until(book.state, ({ phase }) => phase === "live");
    sim.faults.mute();
    await until(book.state, ({ phase }) => phase === "stale");
    expect(book.bids.length).toBeGreaterThan(0);
    sim.faults.unmute();
    // The beats between are missing by their numbers, so the book comes again.
    await until(book.state, ({ phase }) => phase === "live");
    expect(sim.stats().accepted).toBe(1);
  });

  it("that only stood still is as live as before, and nothing was lost", async () => {
    const sim = await startVenue({ market: { auto: false } });
    const market = openMarket(sim, {
      config: { backoff: QUICK.backoff },
      heartbeat: { staleAfterMs: 250, deadAfterMs: 20_000 },
    });
    const trades = market.subscribe("market_trades:BTC-USD");
    await until(trades.state, ({ phase }) => phase === "live");
    sim.faults.stall(6_000);
    await until(trades.state, ({ phase }) => phase === "stale");
    await until(trades.state, ({ phase }) => phase === "live");
    expect(trades.state.snapshot).toMatchObject({
      epoch: 1,
      recoveries: 0,
      staleCount: 1,
      gaps: 0,
    });
  });

  it("is replaced when it never confirms the heartbeats", async () => {
    const sim = await startVenue();
    const market = openMarket(sim, { heartbeat: { staleAfterMs: 100, deadAfterMs: 300 } });
    const ticker = market.subscribe("ticker:BTC-USD");
    await sim.waitFor(({ accepted }) => accepted === 1);
    sim.faults.mute();
    await readUntil(ticker, () => true);
    expect(requests(sim, 1)).toEqual(["subscribe heartbeats"]);
    expect(sim.stats().accepted).toBe(2);
  });
});

describe("a hole in the numbers", () => {
  it("is announced on every topic before what follows, and tells of nothing else", async () => {
    const sim = await startVenue();
    const faults: unknown[] = [];
    const market = openMarket(sim, { onFault: (error) => faults.push(error) });
    const trades = market.subscribe("market_trades:BTC-USD", {
      policy: { kind: "reliable", maxEvents: 100_000 },
    });
    const before = await traded(trades, 10);
    sim.faults.drop(5);
    const after = await readUntil(trades, ({ gaps }) => gaps === 1);
    // Between two gaps no trade is missing.
    const events = [...before, ...after, ...(await traded(trades, 10))].filter(
      ({ data }) => data.type === "update",
    );
    const idsOf = (gaps: number): number[] =>
      events
        .filter((event) => event.gaps === gaps)
        .flatMap(({ data }) => data.trades.toReversed().map(({ trade_id }) => Number(trade_id)));
    for (const ids of [idsOf(0), idsOf(1)])
      expect(ids).toEqual(ids.map((_, index) => ids[0]! + index));
    expect(trades.gaps).toMatchObject([{ reason: "venue" }]);
    expect(faults).toMatchObject([{ code: "SEQUENCE_GAP", kind: "server" }]);
    expect(trades.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    expect(sim.stats().accepted).toBe(1);
  });

  it("is none when frames come twice", async () => {
    const sim = await startVenue();
    const trades = openMarket(sim).subscribe("market_trades:BTC-USD");
    await traded(trades, 3);
    sim.faults.duplicate(20);
    const events = await traded(trades, 15);
    const ids = events.flatMap(({ data }) => data.trades.map(({ trade_id }) => trade_id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(trades.gaps).toEqual([]);
  });
});

describe("frames that cannot be read", () => {
  it("are told if they name no channel, and cost nothing: no number is missing", async () => {
    const sim = await startVenue();
    const faults: unknown[] = [];
    const market = openMarket(sim, { onFault: (error) => faults.push(error) });
    const ticker = market.subscribe("ticker:BTC-USD");
    await readUntil(ticker, () => true);
    sim.faults.oversized(50_000);
    await readUntil(ticker, () => faults.length > 0);
    expect(faults).toMatchObject([{ code: "FRAME_UNKNOWN", kind: "server" }]);
    await readUntil(ticker, (_, events) => events.length === 5);
    expect(ticker.gaps).toEqual([]);
    expect(sim.stats().accepted).toBe(1);
  });
});

describe("a consumer that is slow", () => {
  it("hears of what our buffer dropped, and its book comes again", async () => {
    const sim = await startVenue({ market: { auto: false } });
    const market = openMarket(sim, { config: { ...QUICK, buffer: { maxFrames: 20 } } });
    const trades = market.subscribe("market_trades:BTC-USD");
    const book = market.book("BTC-USD", { updates: { kind: "reliable" } });
    await until(book.state, ({ phase }) => phase === "live");
    // More than the buffer holds, in one go of this process.
    sim.faults.burst(5_000);
    await until(book.state, ({ recoveries, phase }) => recoveries > 0 && phase === "live");
    sim.faults.burst(1);
    await readUntil(trades, ({ gaps }) => gaps > 0);
    expect(trades.gaps[0]).toMatchObject({ reason: "lagged" });
    expect(market.connections[0]!.lifecycle.snapshot.totalLagged).toBeGreaterThan(0);
    expect(sim.stats().accepted).toBe(1);
    const kinds = (
      await readUntil(book.updates, ({ data, seq }) => seq > 1 && data.kind === "snapshot")
    ).map(({ data }) => data);
    expect(kinds).toContainEqual({ kind: "lost", reason: "gap" });
  });
});

describe("the venue's limits", () => {
  it("are kept by the defaults: connections and messages of many products", async () => {
    const products = Array.from({ length: 130 }, (_, index) => `P${index}-USD`);
    const limits = { connects: 8, messages: 8, slackMs: 100 };
    const sim = await startVenue({ timeScale: 1, products, market: { auto: false }, limits });
    const market = new CoinbaseMarket({
      runtime: nodeRuntime,
      url: sim.url,
      gate: new AttemptGate(),
    });
    await using _ = market;
    const channels = ["ticker", "candles", "market_trades", "status", "ticker_batch"];
    const held = [
      ...products.map((product) => market.subscribe(`level2:${product}`)),
      ...channels.map((channel) => market.subscribe(`${channel}:P0-USD`)),
    ];
    await Promise.all(held.map(({ state }) => until(state, ({ phase }) => phase === "live")));
    expect(market.connections).toHaveLength(5);
    expect(sim.stats().requests.length).toBeGreaterThanOrEqual(15);
    expect(sim.stats()).toMatchObject({ accepted: 5, connectViolations: 0, rateViolations: 0 });
  });

  it("of messages are backed off from when the venue names them, and nothing is given up", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    await readUntil(market.subscribe("heartbeats"), () => true);
    sim.faults.refuseRequests("rate limit exceeded", 2);
    const ticker = market.subscribe("ticker:BTC-USD");
    await readUntil(ticker, () => true);
    const times = sim.stats().requests.filter(({ channel }) => channel === "ticker");
    expect(times.map(({ error }) => error)).toEqual([
      "rate limit exceeded",
      "rate limit exceeded",
      undefined,
    ]);
    // Venue milliseconds, of which there are ten in a real one: 1 s and then 2 s.
    expect(times[1]!.at - times[0]!.at).toBeGreaterThan(9_000);
    expect(times[2]!.at - times[1]!.at).toBeGreaterThan(19_000);
    expect(sim.stats().accepted).toBe(1);
  });

  it("of connections are backed off from by the stack", async () => {
    const sim = await startVenue();
    sim.faults.refuse({ status: 429, headers: { "Retry-After": "1" } });
    const ticker = openMarket(sim).subscribe("ticker:BTC-USD");
    await readUntil(ticker, () => true);
    const [refused, accepted] = sim.stats().connects;
    expect(refused!.status).toBe(429);
    expect(accepted!.at - refused!.at).toBeGreaterThan(9_000);
  });

  it("of connections by a firewall pass, however many there are", async () => {
    const sim = await startVenue();
    sim.faults.refuse({ status: 403, count: 8 });
    const ticker = openMarket(sim).subscribe("ticker:BTC-USD");
    await readUntil(ticker, () => true);
    expect(sim.stats().connects.filter(({ status }) => status === 403)).toHaveLength(8);
  });

  it("of level2 are told, and the connection is replaced if the venue ends it", async () => {
    const sim = await startVenue({
      limits: { level2Products: 1 },
      wire: { closeOnTooManyLevel2: true },
      market: { auto: false },
    });
    const market = openMarket(sim);
    const held = ["BTC-USD", "ETH-USD"].map((product) => market.subscribe(`level2:${product}`));
    const failed = await Promise.any(
      held.map((each) => until(each.state, ({ phase }) => phase === "failed").then(() => each)),
    );
    expect(failed.state.snapshot.cause).toMatchObject({ code: "LEVEL2_LIMIT" });
    // Its refusal cost the connection; the other one comes back with the next.
    const kept = held.find((each) => each !== failed)!;
    await until(
      kept.state,
      ({ phase, epoch }) => phase === "live" && epoch === sim.stats().accepted,
    );
    expect(sim.stats().disconnects.tooManyLevel2).toBeGreaterThan(0);
  });
});

describe("tokens", () => {
  it("are sent with public channels, too, when there is a signer", async () => {
    const sim = await startVenue({ requireJwt: true });
    const market = openMarket(sim, { signer: signerOf(sim.account()) });
    await readUntil(market.subscribe("ticker:BTC-USD"), () => true);
    expect(sim.stats().authFailures).toBe(0);
  });

  it("are not asked for twice where there are none", async () => {
    const sim = await startVenue({ requireJwt: true });
    const ticker = openMarket(sim).subscribe("ticker:BTC-USD");
    await expect(readUntil(ticker, () => false)).rejects.toMatchObject({ code: "AUTH_REFUSED" });
    expect(sim.stats().authFailures).toBe(1);
  });

  it("a market that was refused takes topics again, on a new connection", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    sim.faults.refuseRequests("authentication failure");
    const first = market.subscribe("ticker:BTC-USD");
    await expect(readUntil(first, () => false)).rejects.toMatchObject({ code: "AUTH_REFUSED" });
    await readUntil(market.subscribe("ticker:BTC-USD"), () => true);
    expect(market.connections).toHaveLength(1);
  });
});

describe("what the venue says of its subscriptions", () => {
  it("is compared with what is held: a topic that vanished is subscribed again", async () => {
    const sim = await startVenue({ market: { auto: false } });
    const market = openMarket(sim);
    const held = ["BTC-USD", "ETH-USD"].map((product) => market.subscribe(`ticker:${product}`));
    await Promise.all(held.map((each) => readUntil(each, () => true)));
    // As if the venue had lost it: the next acknowledgement does not list it.
    sim.faults.forget("ticker", "BTC-USD");
    market.subscribe("ticker:SOL-USD");
    await sim.waitFor(({ subscriptions }) => subscriptions[0]!.topics.includes("ticker:BTC-USD"));
  });
});

describe("options", () => {
  it("that cannot work are refused before anything is dialled", async () => {
    const sim = await startVenue();
    const market = openMarket(sim);
    expect(() => market.subscribe("ticker")).toThrowError(
      expect.objectContaining({ code: "TOPIC_INVALID" }),
    );
    expect(() => market.subscribe("trades:BTC-USD")).toThrowError(/of no channel/);
    expect(() => market.subscribe("ticker:BTC-USD", { staleAfterMs: Number.NaN })).toThrowError(
      /staleAfterMs/,
    );
    expect(() => market.book("BTC/USD")).toThrowError(
      expect.objectContaining({ code: "TOPIC_INVALID" }),
    );
    expect(market.connections).toEqual([]);
    await market.shutdown();
    expect(() => market.subscribe("ticker:BTC-USD")).toThrowError(
      expect.objectContaining({ code: "SHUT_DOWN" }),
    );
    expect(sim.stats().accepted).toBe(0);
  });
});
