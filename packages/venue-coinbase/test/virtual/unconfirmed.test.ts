import { refuse } from "@oath-ws/testing";
import { CoinbaseMarket, CoinbaseUser } from "@oath-ws/venue-coinbase";
import { describe, expect, it } from "vitest";
import { SIGNER, VirtualVenue } from "../support/virtual-venue.js";

/** The connection ends, and none follows it. */
function cut(venue: VirtualVenue): void {
  venue.leaf.otherwise = refuse({ status: 503 });
  venue.seat.peer.reset();
}

describe("a snapshot that the venue never acknowledges, on a connection that ends", () => {
  it.each(["subscribing", "recovering"])("leaves no prices in a book that is %s", async (phase) => {
    const venue = new VirtualVenue();
    const market = new CoinbaseMarket({ runtime: venue.runtime });
    const book = market.book("BTC-USD");
    if (phase === "recovering") {
      await venue.world.runUntil(() => book.state.snapshot.phase === "live");
      book.resync();
    }
    venue.acknowledges = (channel) => channel !== "level2";
    await venue.world.runUntil(() => book.size === 2);
    expect(book.state.snapshot.phase).toBe(phase);
    cut(venue);
    await venue.world.settle();
    expect([book.state.snapshot.phase, book.size, book.best]).toEqual([phase, 0, undefined]);
    await venue.world.complete(market.shutdown());
  });

  it("makes no account live on the next connection", async () => {
    const venue = new VirtualVenue();
    venue.acknowledges = (channel) => channel !== "user";
    const account = new CoinbaseUser({ runtime: venue.runtime, signer: SIGNER });
    await venue.world.run(2_000);
    venue.seat.peer.reset();
    venue.batches = [];
    venue.acknowledges = () => true;
    await venue.world.run(10_000);
    expect([venue.seats.length, account.state.snapshot.phase]).toEqual([2, "recovering"]);
    await venue.world.complete(account.shutdown());
  });
});
