import { describe, expect, it } from "vitest";
import type { CoinbaseMarket } from "@oath-ws/venue-coinbase";
import { openMarket, openUser, QUICK, readUntil, signerOf, startVenue } from "../support/venue.js";
import type { CoinbaseSim } from "../support/venue.js";

/** Where a market is when it is shut down. */
const MOMENTS: Readonly<
  Record<string, (sim: CoinbaseSim, market: CoinbaseMarket) => Promise<unknown>>
> = {
  "while it dials": async () => undefined,
  "while it subscribes": (sim) => sim.waitFor(({ requests }) => requests.length > 0),
  "when all is well": (sim) =>
    sim.waitFor(({ subscriptions }) => subscriptions[0]?.topics.length === 4),
  "while it is mute": async (sim) => {
    await MOMENTS["when all is well"]?.(sim, undefined as never);
    sim.faults.mute();
  },
  "on a half-open socket": async (sim) => {
    await MOMENTS["when all is well"]?.(sim, undefined as never);
    sim.faults.halfOpen();
  },
  "while it reconnects": async (sim) => {
    await MOMENTS["when all is well"]?.(sim, undefined as never);
    sim.faults.refuse({ status: 503, count: 1_000 });
    sim.faults.dropConnections();
    await sim.waitFor(({ refused }) => refused > 1);
  },
  "in the middle of a resync": async (sim) => {
    await MOMENTS["when all is well"]?.(sim, undefined as never);
    sim.faults.dropReplies();
    sim.faults.gap();
    await sim.waitFor(({ requests }) => requests.some(({ type }) => type === "unsubscribe"));
  },
  "while it backs off": async (sim, market) => {
    await MOMENTS["when all is well"]?.(sim, undefined as never);
    sim.faults.refuseRequests("rate limit exceeded", 100);
    market.subscribe("ticker:ETH-USD");
    await sim.waitFor(({ requests }) =>
      requests.some(({ error }) => error === "rate limit exceeded"),
    );
  },
  "while a snapshot of some MiB trickles in": async (sim, market) => {
    await MOMENTS["when all is well"]?.(sim, undefined as never);
    sim.faults.throttle(50_000);
    market.book("SOL-USD");
    await sim.waitFor(({ requests }) =>
      requests.some(({ productIds }) => productIds.includes("SOL-USD")),
    );
  },
};

describe("shutting a market down", () => {
  it.each(Object.keys(MOMENTS))("ends every topic cleanly: %s", async (moment) => {
    const sim = await startVenue({ market: { levels: moment.includes("MiB") ? 10_000 : 50 } });
    const market = openMarket(sim, { config: { ...QUICK, shutdown: { timeoutMs: 200 } } });
    const ticker = market.subscribe("ticker:BTC-USD");
    const trades = market.subscribe("market_trades:BTC-USD");
    const book = market.book("BTC-USD");
    await MOMENTS[moment]?.(sim, market);
    await market.shutdown();
    await market.shutdown();
    for (const source of [ticker, trades, book.updates])
      while (await source.readable()) source.take();
    for (const { state } of [ticker, trades, book]) expect(state.snapshot.phase).toBe("closed");
    expect(book.bids).toEqual([]);
    expect(market.topics).toEqual([]);
    if (moment !== "on a half-open socket") await sim.waitFor(({ open }) => open === 0);
  });
});

describe("shutting an account's stream down", () => {
  it.each(["running", "mute", "half-open", "signing"] as const)(
    "ends it cleanly: %s",
    async (moment) => {
      const sim = await startVenue({ accounts: [{ orders: 3 }] });
      const good = signerOf(sim.account());
      const signer =
        moment === "signing"
          ? { ...good, sign: () => new Promise<Uint8Array>(() => undefined) }
          : good;
      const user = openUser(sim, {
        signer,
        futures: true,
        config: { ...QUICK, shutdown: { timeoutMs: 200 } },
      });
      if (moment === "signing") await sim.waitFor(({ accepted }) => accepted === 1);
      else await readUntil(user, () => true);
      if (moment === "mute") sim.faults.mute();
      if (moment === "half-open") sim.faults.halfOpen();
      await user.shutdown();
      while (await user.readable()) user.take();
      expect(user.state.snapshot.phase).toBe("closed");
      if (moment !== "half-open") await sim.waitFor(({ open }) => open === 0);
    },
  );

  it("while the snapshot comes in parts", async () => {
    const sim = await startVenue({ accounts: [{ orders: 200 }] });
    const user = openUser(sim);
    await sim.waitFor(({ framesSent }) => framesSent >= 3);
    await user.shutdown();
    expect(user.state.snapshot.phase).toBe("closed");
  });
});
