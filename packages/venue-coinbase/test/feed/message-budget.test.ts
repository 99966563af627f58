import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CoinbaseMarket, MessageBudget } from "@oath-ws/venue-coinbase";
import { VirtualVenue } from "../support/virtual-venue.js";

describe("the messages of an address", () => {
  it("never exceed the limit in any window, and need not wait longer than that takes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 60 }),
        (max, pauses) => {
          const budget = new MessageBudget({ max, windowMs: 1_000 });
          const sent: number[] = [];
          let now = 0;
          for (const pause of pauses) {
            now += pause;
            const waitMs = budget.waitMs(now);
            // Full: or it would not wait.
            if (waitMs > 0) expect(sent.filter((at) => now - at < 1_000)).toHaveLength(max);
            now += waitMs;
            budget.spend(now);
            sent.push(now);
          }
          for (const [index, at] of sent.entries())
            expect(at - (sent[index - max] ?? -1_000)).toBeGreaterThanOrEqual(1_000);
        },
      ),
    );
  });

  it("pause ever longer, up to half a minute, when the venue says too many, and again after an answer", () => {
    const budget = new MessageBudget();
    let now = 0;
    const pauses = Array.from({ length: 7 }, () => {
      budget.refused(now);
      const waitMs = budget.waitMs(now);
      // Another connection hears of it as well.
      budget.refused(now + 1);
      now += waitMs;
      return waitMs;
    });
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    budget.accepted();
    budget.refused(now);
    expect(budget.waitMs(now)).toBe(1_000);
  });

  it("all pause when the venue refuses one of them, over all adapters", async () => {
    const venue = new VirtualVenue();
    const budget = new MessageBudget();
    const { runtime } = venue;
    const markets = [1, 2].map(() => new CoinbaseMarket({ runtime, budget }));
    const held = markets.map((market) => market.subscribe("ticker:BTC-USD"));
    await venue.world.run(5_000);
    expect(held.map(({ state }) => state.snapshot.phase)).toEqual(["live", "live"]);
    venue.refuses = () => "rate limit exceeded";
    markets[0]?.subscribe("candles:BTC-USD");
    await venue.world.settle();
    venue.refuses = () => undefined;
    const refusedAt = venue.world.timer.now();
    const other = markets[1]?.subscribe("status:BTC-USD");
    await venue.world.runUntil(() => other?.state.snapshot.phase === "live", 10_000);
    expect(venue.world.timer.now() - refusedAt).toBeGreaterThanOrEqual(1_000);
    for (const market of markets) await venue.world.complete(market.shutdown());
  });
});
