import { AttemptGate, nodeRuntime } from "oath-ws";
import { describe, expect, it, onTestFinished } from "vitest";
import { BinanceTrading } from "@oath-ws/venue-binance";
import type { NewOrder, TradingOptions } from "@oath-ws/venue-binance";
import { ed25519Signer } from "@oath-ws/venue-binance/node";
import type { BinanceSim } from "@oath-ws/sim";
import { openUserData, startVenue, until } from "../support/venue.js";

const ORDER: NewOrder = {
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  quantity: "0.5",
  price: "100",
};

async function openTrading(
  sim: BinanceSim,
  options: Partial<TradingOptions> = {},
  recvWindow = 5_000,
): Promise<BinanceTrading> {
  const { apiKey, privateKey } = sim.account();
  if (privateKey === undefined) throw new Error("the simulated account has no key");
  const own =
    options.account === undefined
      ? {
          url: sim.url,
          restUrl: sim.restUrl,
          gate: new AttemptGate(),
          config: { backoff: { minMs: 1, maxMs: 20 } },
          credentials: { apiKey, sign: ed25519Signer(privateKey), recvWindow },
        }
      : {};
  const trading = new BinanceTrading({ runtime: nodeRuntime, ...own, ...options });
  onTestFinished(() => trading.shutdown());
  await until(trading.state, ({ phase }) => phase === "live");
  return trading;
}

describe("orders over real sockets", () => {
  it("are tested, placed, shown and cancelled", async () => {
    const sim = await startVenue();
    const trading = await openTrading(sim);
    expect(await trading.test(ORDER)).toEqual({ kind: "answered", answer: {} });
    const placed = await trading.place(ORDER);
    expect(placed).toMatchObject({
      kind: "answered",
      answer: { status: "NEW", price: "100.00000000" },
    });
    const name = { symbol: "BTCUSDT", origClientOrderId: placed.clientId };
    expect(await trading.status(name)).toMatchObject({ kind: "answered", answer: { orderId: 1 } });
    expect(await trading.openOrders("BTCUSDT")).toMatchObject({ answer: [{ orderId: 1 }] });
    expect(await trading.cancel(name)).toMatchObject({
      kind: "answered",
      answer: { origClientOrderId: placed.clientId, status: "CANCELED" },
    });
    expect(await trading.accountStatus()).toMatchObject({ answer: { canTrade: true } });
    expect(await trading.time()).toMatchObject({ kind: "answered" });
    expect(await trading.place({ ...ORDER, quantity: "100000000" })).toMatchObject({
      kind: "refused",
      error: { kind: "client", code: "VENUE_-2010" },
    });
    expect(await trading.call({ method: "nonsense", weight: 1, isSigned: false })).toMatchObject({
      kind: "refused",
    });
  });

  it.each(["answer-lost", "reset-after", "answer-late", "slow"] as const)(
    "are found after %s",
    async (trouble) => {
      const sim = await startVenue();
      const trading = await openTrading(sim, { timeoutMs: 100 });
      sim.faults.orderTrouble({ trouble, delayMs: 1_000 });
      const outcome = await trading.place(ORDER);
      if (outcome.kind !== "fateUnknown") throw new Error(`it ended as ${outcome.kind}`);
      expect(await outcome.resolution).toMatchObject({ kind: "placed", order: { orderId: 1 } });
      expect(sim.account().orders).toMatchObject([{ clientOrderId: outcome.clientId }]);
    },
  );

  it("are asked for by REST while the connection is down, whatever their id holds", async () => {
    const sim = await startVenue();
    const trading = await openTrading(sim);
    const clientId = "a:b/c.d";
    await trading.place({ ...ORDER, newClientOrderId: clientId });
    sim.faults.refuse({ status: 503, count: 1_000 });
    sim.faults.dropConnections({ endpoint: "all" });
    await until(trading.state, ({ phase }) => phase === "recovering");
    expect(await trading.fateOf({ symbol: "BTCUSDT", clientId })).toMatchObject({
      kind: "placed",
      order: { from: "query", order: { clientOrderId: clientId } },
    });
  });

  it("that never arrived are notPlaced once the venue would refuse them", async () => {
    const sim = await startVenue();
    const trading = await openTrading(sim, { timeoutMs: 100 }, 1_000);
    sim.faults.orderTrouble({ trouble: "request-lost" });
    const outcome = await trading.place(ORDER);
    if (outcome.kind !== "fateUnknown") throw new Error(`it ended as ${outcome.kind}`);
    expect(await outcome.resolution).toEqual({ kind: "notPlaced" });
    expect(sim.account().orders).toEqual([]);
  });

  it("go over the account's connection, and are known by its stream", async () => {
    const sim = await startVenue();
    const account = openUserData(sim);
    const trading = await openTrading(sim, { account, timeoutMs: 100 });
    sim.faults.orderTrouble({ trouble: "answer-lost" });
    const outcome = await trading.place(ORDER);
    if (outcome.kind !== "fateUnknown") throw new Error(`it ended as ${outcome.kind}`);
    expect(await outcome.resolution).toMatchObject({ kind: "placed", order: { from: "stream" } });
    expect(sim.stats().connects).toHaveLength(1);
  });
});
