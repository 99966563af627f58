import { describe, expect, it } from "vitest";
import { openMarket, openUserData, readUntil, startVenue, until } from "../support/venue.js";

describe("over a venue that is not kind", () => {
  it.each(["documented", "nested"] as const)(
    "a stream outlasts passing errors in the %s form",
    async (form) => {
      const sim = await startVenue();
      sim.faults.answerErrors({ code: -1000, form });
      const market = openMarket(sim);
      const trades = market.subscribe("btcusdt@trade");
      await readUntil(trades, () => true);
      expect(trades.state.snapshot.phase).toBe("live");
      expect(sim.stats().badRequests).toBe(1);
    },
  );

  it("market data comes back when the firewall lets it", async () => {
    const sim = await startVenue();
    sim.faults.firewall();
    const market = openMarket(sim);
    const trades = market.subscribe("btcusdt@trade");
    await sim.waitFor(({ connects }) => connects.filter(({ status }) => status === 403).length > 2);
    expect(trades.state.snapshot.phase).not.toBe("failed");
    sim.faults.clear();
    await readUntil(trades, () => true);
  });

  it("an account that the venue ends at once says why, and waits before it asks again", async () => {
    const sim = await startVenue({ market: { auto: false } });
    sim.faults.terminateUserData(2);
    const user = openUserData(sim);
    await until(user.state, ({ cause }) => cause?.code === "STREAM_TERMINATED");
    await until(user.state, ({ phase }) => phase === "live");
    expect(sim.stats().connects).toHaveLength(1);
  });

  it("an account waits as long as the venue asks, on whatever connection", async () => {
    const sim = await startVenue({ market: { auto: false } });
    sim.faults.answerErrors(
      { code: -1003, status: 418, retryAfterMs: 600_000, count: 100 },
      { endpoint: "ws-api" },
    );
    const user = openUserData(sim);
    await until(user.state, ({ cause }) => cause !== undefined);
    user.renew();
    await sim.waitFor(({ connects }) => connects.length === 2);
    await sim.waitFor(({ open }) => open === 2);
    await until(user.connections[1]!.lifecycle, ({ phase }) => phase === "connected");
    // Only the first login was ever sent.
    expect(sim.stats().badRequests).toBe(1);
  });
});
