import { refuse } from "@oath-ws/testing";
import { BinanceMarket } from "@oath-ws/venue-binance";
import { describe, expect, it } from "vitest";
import { VirtualVenue } from "../support/virtual-venue.js";
import type { Answer } from "../support/virtual-venue.js";

/** Nothing is published here. */
const QUIET = { staleAfterMs: 86_400_000 };
const ACCEPT: Answer = () => ({ result: null });
const refused =
  (code: number): Answer =>
  () => ({ error: { code, msg: "no" } });

function openMarket(): {
  readonly venue: VirtualVenue;
  readonly market: BinanceMarket;
  readonly faults: unknown[];
} {
  const venue = new VirtualVenue();
  const faults: unknown[] = [];
  return {
    venue,
    faults,
    market: new BinanceMarket({ runtime: venue.runtime, onFault: (error) => faults.push(error) }),
  };
}

describe("a stream that the venue refuses", () => {
  it.each([-1000, -1001, -1003, -1006, -1007, -1008, -1016, -1021, -1034, -9999, 77])(
    "for now, with %i, stays, says why, and is asked for again after pauses that grow",
    async (code) => {
      const { venue, market } = openMarket();
      venue.answer = refused(code);
      const trades = market.subscribe("btcusdt@trade", QUIET);
      await venue.world.run(60_000);
      expect(trades.state.snapshot).toMatchObject({
        phase: "subscribing",
        cause: { code: "SUBSCRIPTION_REFUSED" },
      });
      expect(venue.requests.length).toBeGreaterThan(4);
      expect(venue.requests.length).toBeLessThan(9);
      venue.answer = ACCEPT;
      await venue.world.run(61_000);
      expect(trades.state.snapshot.phase).toBe("live");
      expect(venue.leaf.dials).toHaveLength(1);
    },
  );

  it.each([-1002, -1022, -2014, -2015, -1121, -1100, -1130, 0, 1, 2, 3, 4])(
    "for good, with %i, fails at once",
    async (code) => {
      const { venue, market } = openMarket();
      venue.answer = refused(code);
      const trades = market.subscribe("btcusdt@trade", QUIET);
      await venue.world.run(60_000);
      expect(trades.state.snapshot).toMatchObject({
        phase: "failed",
        cause: { code: "SUBSCRIPTION_REFUSED" },
      });
      expect(venue.requests).toHaveLength(1);
    },
  );

  it.each([-1003, -1121])(
    "with %i on the new connection of a renewal goes on over the old one",
    async (code) => {
      const { venue, market, faults } = openMarket();
      const trades = market.subscribe("btcusdt@trade", QUIET);
      await venue.world.run(2_000);
      const old = venue.leaf.current;
      venue.answer = (request, peer) =>
        peer === old ? { result: null } : refused(code)(request, peer);
      market.renew();
      await venue.world.run(70_000);
      expect(trades.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
      expect(old?.isOpen).toBe(true);
      // The renewal was tried again meanwhile.
      const given = { code: "RENEWAL_GIVEN_UP" };
      expect(faults).toMatchObject(code === -1121 ? [given, given] : []);
      venue.answer = ACCEPT;
      await venue.world.run(120_000);
      expect(old?.isOpen).toBe(false);
      expect(trades.state.snapshot).toMatchObject({ phase: "live", recoveries: 0, gaps: 0 });
    },
  );
});

it.each([1, 30])(
  "a firewall that answers the upgrade with 403, %i times in a row, ends no stream",
  async (times) => {
    const { venue, market } = openMarket();
    const trades = market.subscribe("btcusdt@trade", QUIET);
    await venue.world.run(2_000);
    venue.leaf.enqueue(...Array.from({ length: times }, () => refuse({ status: 403 })));
    venue.leaf.current?.reset();
    await venue.world.run(3_600_000);
    expect(trades.state.snapshot.phase).toBe("live");
    expect(venue.leaf.dials).toHaveLength(times + 2);
  },
);
