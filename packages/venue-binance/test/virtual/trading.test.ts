import { BinanceTrading, BinanceUserData, WeightBudget } from "@oath-ws/venue-binance";
import type { NewOrder, TradingOptions } from "@oath-ws/venue-binance";
import { hang } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { VirtualOrders } from "../support/virtual-orders.js";
import type { Trouble } from "../support/virtual-orders.js";

const ORDER: NewOrder = {
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  quantity: "1",
  price: "100",
};
const CREDENTIALS = { apiKey: "k", sign: (): string => "s" };

function open(orders: VirtualOrders, options: Partial<TradingOptions> = {}): BinanceTrading {
  const { runtime } = orders.venue;
  const own = options.account === undefined ? { credentials: CREDENTIALS } : {};
  return new BinanceTrading({ runtime, ...own, ...options });
}

async function ready(options?: Partial<TradingOptions>) {
  const orders = new VirtualOrders(1);
  const trading = open(orders, options);
  const { world } = orders.venue;
  await world.runUntil(() => trading.state.snapshot.phase === "live");
  return { orders, trading, world };
}

describe("orders over a connection of one's own", () => {
  it("are placed, and known by an id that the kit made", async () => {
    const { orders, trading, world } = await ready({ clientIdPrefix: "my-" });
    const outcome = await world.complete(trading.place(ORDER));
    expect(outcome).toMatchObject({ kind: "answered", answer: { orderId: 1 } });
    expect(outcome.clientId).toMatch(/^my-[0-9a-f]{32}$/);
    expect([...orders.record.keys()]).toEqual([outcome.clientId]);
    expect(orders.venue.requests.at(-1)).toMatchObject({
      method: "order.place",
      params: { ...ORDER, apiKey: "k", signature: "s", newClientOrderId: outcome.clientId },
    });
    await world.complete(trading.shutdown());
    expect(world.timer.pendingCount).toBe(0);
    expect(orders.venue.leaf.openSockets).toBe(0);
  });

  it.each<[Trouble, string]>([
    [{ kind: "answerLost" }, "placed"],
    [{ kind: "requestLost" }, "notPlaced"],
    [{ kind: "resetAfter" }, "placed"],
    [{ kind: "resetBefore" }, "notPlaced"],
    [{ kind: "answerLate", ms: 2_500 }, "placed"],
    [{ kind: "requestLate", ms: 2_500 }, "placed"],
    [{ kind: "requestLate", ms: 5_500 }, "refused"],
    [{ kind: "slow", ms: 4_900 }, "placed"],
    [{ kind: "slow", ms: 5_100 }, "notPlaced"],
    [{ kind: "doneYetFailed", code: -1007, status: 500 }, "placed"],
    [{ kind: "doneYetFailed", code: -1006, status: 400 }, "placed"],
    [{ kind: "refused", code: -1000, status: 500 }, "notPlaced"],
  ])("of unknown fate come to their end: %j", async (trouble, fate) => {
    const { orders, trading, world } = await ready({ timeoutMs: 1_000 });
    orders.trouble = () => trouble;
    const placed = world.timer.wallNow();
    const outcome = await world.complete(trading.place(ORDER));
    expect(world.timer.wallNow() - placed).toBeLessThanOrEqual(1_001);
    if (outcome.kind !== "fateUnknown") throw new Error(`it ended as ${outcome.kind}`);
    expect(await world.complete(outcome.resolution)).toMatchObject({ kind: fate });
    if (fate === "notPlaced") expect(world.timer.wallNow() - placed).toBeGreaterThan(6_000);
    await world.run(120_000);
    expect(orders.received).toEqual([outcome.clientId]);
    expect(orders.record.has(outcome.clientId)).toBe(fate === "placed");
    await world.complete(trading.shutdown());
  });

  it.each([-4_000, 4_000])(
    "are judged late by the venue's clock, which is off by %i ms",
    async (skewMs) => {
      const { orders, trading, world } = await ready({ timeoutMs: 1_000 });
      // The clock moves after it was compared at the start.
      orders.skewMs = skewMs;
      orders.trouble = () => ({ kind: "slow", ms: 800 });
      const outcome = await world.complete(trading.place(ORDER));
      if (outcome.kind !== "fateUnknown") throw new Error(`it ended as ${outcome.kind}`);
      const { kind } = await world.complete(outcome.resolution);
      await world.run(60_000);
      expect(kind).toBe(orders.record.has(outcome.clientId) ? "placed" : "notPlaced");
      await world.complete(trading.shutdown());
    },
  );

  it.each<[number, number]>([
    [-1003, 429],
    [-1015, 429],
    [-2010, 400],
    [-1021, 400],
    [-1013, 400],
  ])("that are refused with %i are not sent again", async (code, status) => {
    const { orders, trading, world } = await ready();
    orders.trouble = () => ({ kind: "refused", code, status });
    expect(await world.complete(trading.place(ORDER))).toMatchObject({
      kind: "refused",
      error: { code: `VENUE_${code}`, status },
    });
    await world.run(300_000);
    expect(orders.received).toHaveLength(1);
    await world.complete(trading.shutdown());
  });

  it("that cannot be found out are still unknown at the bound, and told", async () => {
    const faults: unknown[] = [];
    const { orders, trading, world } = await ready({
      timeoutMs: 1_000,
      fateBoundMs: 20_000,
      onFault: (error) => faults.push(error),
    });
    orders.trouble = () => ({ kind: "requestLost" });
    orders.answersQuestions = false;
    orders.isRestUp = false;
    const outcome = await world.complete(trading.place(ORDER));
    const known = world.timer.now();
    if (outcome.kind !== "fateUnknown") throw new Error(`it ended as ${outcome.kind}`);
    expect(await world.complete(outcome.resolution)).toMatchObject({
      kind: "stillUnknown",
      error: { code: "FATE_STILL_UNKNOWN", cause: { code: "REST_FAILED" } },
    });
    expect(world.timer.now() - known).toBe(20_000);
    expect(faults.at(-1)).toMatchObject({ code: "FATE_STILL_UNKNOWN" });
    await world.complete(trading.shutdown());
    expect(world.timer.pendingCount).toBe(0);
  });

  it("of an earlier process are found by their id", async () => {
    const { trading, world } = await ready({ fateBoundMs: 30_000 });
    const { clientId } = await world.complete(trading.place(ORDER));
    const of = { symbol: "BTCUSDT", clientId };
    expect(await world.complete(trading.fateOf(of))).toMatchObject({ kind: "placed" });
    const unsent = { ...of, clientId: trading.newClientId() };
    const sentAt = world.timer.wallNow();
    expect(await world.complete(trading.fateOf(unsent, sentAt))).toEqual({ kind: "notPlaced" });
    expect(await world.complete(trading.fateOf(unsent))).toMatchObject({ kind: "stillUnknown" });
    await world.complete(trading.shutdown());
  });

  it("wait for their budgets within their time, and do not leave without", async () => {
    const { orders, trading, world } = await ready({ orderLimit: { max: 2, windowMs: 10_000 } });
    const place = () => trading.place(ORDER, { timeoutMs: 4_000 });
    const outcomes = await world.complete(Promise.all([place(), place(), place()]));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["answered", "answered", "didNotLeave"]);
    expect(outcomes[2]).toMatchObject({ error: { code: "CALL_TIMEOUT" } });
    await world.run(60_000);
    expect(orders.received).toHaveLength(2);
    await world.complete(trading.shutdown());
  });

  it("wait while the venue has this address blocked", async () => {
    const orders = new VirtualOrders(1);
    const { world, runtime } = orders.venue;
    const budget = new WeightBudget(runtime.timer);
    const trading = open(orders, { budget });
    await world.runUntil(() => trading.state.snapshot.phase === "live");
    orders.trouble = () => ({ kind: "refused", code: -1003, status: 429 });
    expect((await world.complete(trading.place(ORDER))).kind).toBe("refused");
    orders.trouble = () => ({ kind: "none" });
    const blocked = await world.complete(trading.place(ORDER, { timeoutMs: 30_000 }));
    expect(blocked.kind).toBe("didNotLeave");
    expect((await world.complete(trading.place(ORDER, { timeoutMs: 60_000 }))).kind).toBe(
      "answered",
    );
    await world.complete(trading.shutdown());
  });

  it.each(["", "x".repeat(37), "a b"])("with the client id %o are refused here", async (id) => {
    const { orders, trading, world } = await ready();
    const outcome = await world.complete(trading.place({ ...ORDER, newClientOrderId: id }));
    expect(outcome).toMatchObject({ kind: "didNotLeave", error: { code: "CLIENT_ID_INVALID" } });
    expect(orders.received).toEqual([]);
    await world.complete(trading.shutdown());
  });
});

describe("orders over the account's connection", () => {
  async function withAccount(options: Partial<TradingOptions> = {}) {
    const orders = new VirtualOrders(1);
    const { world, runtime } = orders.venue;
    const account = new BinanceUserData({ runtime, credentials: CREDENTIALS });
    const trading = open(orders, { account, timeoutMs: 1_000, ...options });
    await world.runUntil(() => account.state.snapshot.phase === "live");
    const end = async (): Promise<void> => {
      await world.complete(trading.shutdown());
      await world.complete(account.shutdown());
      expect(world.timer.pendingCount).toBe(0);
      expect(orders.venue.leaf.openSockets).toBe(0);
    };
    return { orders, world, account, trading, end };
  }

  it("use one socket, and are known by the stream before anybody is asked", async () => {
    const { orders, world, trading, end } = await withAccount();
    orders.trouble = () => ({ kind: "answerLost" });
    orders.answersQuestions = false;
    orders.isRestUp = false;
    const outcome = await world.complete(trading.place(ORDER));
    if (outcome.kind !== "fateUnknown") throw new Error(`it ended as ${outcome.kind}`);
    expect(await world.complete(outcome.resolution)).toMatchObject({
      kind: "placed",
      order: { from: "stream", orderId: 1, report: { c: outcome.clientId } },
    });
    expect(world.timer.now()).toBeLessThan(2_000);
    expect(orders.venue.leaf.dials).toHaveLength(1);
    await end();
  });

  it("outlast a subscription that the venue ends while they wait for their answer", async () => {
    const { orders, world, trading, end } = await withAccount();
    orders.trouble = () => ({ kind: "answerLate", ms: 500 });
    const placed = trading.place(ORDER);
    await world.run(100);
    const ended = { subscriptionId: 0, event: { e: "eventStreamTerminated", E: 1 } };
    orders.venue.leaf.current?.text(JSON.stringify(ended));
    expect((await world.complete(placed)).kind).toBe("answered");
    await end();
  });

  it("are refused here while the account recovers, if asked for", async () => {
    const { orders, world, account, trading, end } = await withAccount({
      refuseWhile: "recovering",
    });
    expect((await world.complete(trading.place(ORDER))).kind).toBe("answered");
    orders.isRestUp = false;
    orders.venue.leaf.current?.reset();
    await world.runUntil(() => account.state.snapshot.phase === "recovering");
    await world.run(5_000);
    expect(await world.complete(trading.place(ORDER))).toMatchObject({
      kind: "didNotLeave",
      error: { code: "ACCOUNT_RECOVERING" },
    });
    expect(orders.received).toHaveLength(1);
    await end();
  });

  it("refuse options that the account has already", async () => {
    const orders = new VirtualOrders(1);
    const { runtime } = orders.venue;
    const account = new BinanceUserData({ runtime, credentials: CREDENTIALS });
    const options = { runtime, account, credentials: CREDENTIALS, refuseWhile: "never" };
    const make = () => new BinanceTrading(options as unknown as TradingOptions);
    expect(make).toThrow(/credentials/);
    expect(make).toThrow(/refuseWhile/);
    await orders.venue.world.complete(account.shutdown());
  });
});

/** Draws what happens to an order; times around every bound that there is. */
function drawTrouble(chance: () => number): Trouble {
  const ms = Math.round(chance() * 7_000);
  const kinds: readonly Trouble[] = [
    { kind: "none" },
    { kind: "none" },
    { kind: "answerLost" },
    { kind: "requestLost" },
    { kind: "resetAfter" },
    { kind: "resetBefore" },
    { kind: "answerLate", ms },
    { kind: "requestLate", ms },
    { kind: "slow", ms },
    { kind: "refused", code: -2010, status: 400 },
    { kind: "refused", code: -1003, status: 400 },
    { kind: "doneYetFailed", code: -1007, status: 500 },
    { kind: "refused", code: -1001, status: 500 },
  ];
  return kinds[Math.floor(chance() * kinds.length)] ?? { kind: "none" };
}

describe("whatever breaks", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "every call settles, and every order ends as the venue's record says: seed %i",
    async (seed) => {
      const orders = new VirtualOrders(seed);
      const { world, runtime, leaf } = orders.venue;
      const { random } = world;
      const chance = () => random.next();
      const account =
        seed % 2 === 0 ? new BinanceUserData({ runtime, credentials: CREDENTIALS }) : undefined;
      const trading = open(orders, { account, timeoutMs: 2_000 });
      orders.trouble = () => drawTrouble(chance);
      const ends = Array.from({ length: 120 }, async () => {
        await world.delay(chance() * 600_000);
        const outcome = await trading.place(ORDER, { timeoutMs: 200 + chance() * 4_000 });
        const { kind, clientId } = outcome;
        return {
          kind,
          clientId,
          fate: kind === "fateUnknown" ? await outcome.resolution : undefined,
        };
      });
      const breaks = Array.from({ length: 40 }, async () => {
        await world.delay(chance() * 600_000);
        const dice = chance();
        const peer = leaf.current;
        if (dice < 0.2) peer?.reset();
        else if (dice < 0.4) peer?.goSilent();
        else if (dice < 0.5) peer?.stopReading();
        else if (dice < 0.6) leaf.enqueue(hang());
        const forMs = chance() * 8_000;
        orders.isRestUp = dice < 0.7;
        orders.answersQuestions = dice < 0.8;
        orders.publishes = dice < 0.9;
        await world.delay(forMs);
        peer?.heal();
        peer?.resumeReading();
        orders.isRestUp = orders.answersQuestions = orders.publishes = true;
      });
      const settled = await world.complete(Promise.all(ends));
      await world.complete(Promise.all(breaks));
      await world.run(120_000);
      const counts = new Map<string, number>();
      for (const { kind, clientId, fate } of settled) {
        const word = fate === undefined ? kind : `${kind}:${fate.kind}`;
        counts.set(word, (counts.get(word) ?? 0) + 1);
        const times = orders.received.filter((id) => id === clientId).length;
        const isPlaced = orders.record.has(clientId);
        const expected = EXPECTED[word];
        expect({ word, clientId, times: times <= 1 }).toEqual({ word, clientId, times: true });
        if (word === "didNotLeave") expect({ clientId, times }).toEqual({ clientId, times: 0 });
        if (expected !== undefined)
          expect({ word, isPlaced }).toEqual({ word, isPlaced: expected });
      }
      for (const word of Object.keys(EXPECTED)) expect([...counts.keys()]).toContain(word);
      expect(counts.get("fateUnknown:stillUnknown") ?? 0).toBe(0);
      await world.complete(trading.shutdown());
      await world.complete(account?.shutdown() ?? Promise.resolve());
      expect(world.timer.pendingCount).toBe(0);
    },
  );
});

/** Whether the venue's record has an order that ended so. */
const EXPECTED: Readonly<Record<string, boolean>> = {
  answered: true,
  refused: false,
  didNotLeave: false,
  "fateUnknown:placed": true,
  "fateUnknown:notPlaced": false,
};
