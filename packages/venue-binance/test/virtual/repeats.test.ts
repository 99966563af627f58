import { BinanceUserData } from "@oath-ws/venue-binance";
import type { UserDataOptions } from "@oath-ws/venue-binance";
import { describe, expect, it } from "vitest";
import { VirtualVenue } from "../support/virtual-venue.js";

const FIVE_MINUTES = 300_000;
const TERMINATED = JSON.stringify({
  subscriptionId: 0,
  event: { e: "eventStreamTerminated", E: 1 },
});

/** An account at a venue that counts what it is asked by REST. */
function open(options: Partial<UserDataOptions> = {}) {
  const venue = new VirtualVenue();
  const asked: number[] = [];
  venue.answer = () => ({ status: 200, result: { subscriptionId: 0 } });
  venue.rest = async (url) => {
    asked.push(venue.world.timer.now());
    await venue.world.delay(5);
    const body = url.includes("openOrders") ? [] : { balances: [] };
    return { status: 200, headers: {}, cookies: [], body: JSON.stringify(body) };
  };
  const user = new BinanceUserData({
    runtime: venue.runtime,
    credentials: { apiKey: "k", sign: () => "s" },
    ...options,
  });
  return { venue, user, asked };
}

describe("what the venue undoes again and again is not repeated without a pause", () => {
  it.each(["signature", "session"] as const)("a login by %s", async (login) => {
    const { venue, user, asked } = open({ login });
    venue.answer = ({ method }, peer) => {
      if (method.startsWith("userDataStream"))
        venue.world.timer.scheduleArrival(1, () => peer.text(TERMINATED));
      return { status: 200, result: { subscriptionId: 0 } };
    };
    await venue.world.run(FIVE_MINUTES);
    expect(venue.requests.length).toBeLessThan(40);
    expect(asked.length).toBeLessThan(40);
    expect(user.state.snapshot.cause).toMatchObject({ code: "STREAM_TERMINATED" });
  });

  it("a connection that ends right behind its login", async () => {
    const { venue } = open();
    venue.answer = (_, peer) => {
      venue.world.timer.scheduleArrival(1, () => peer.reset());
      return { status: 200, result: { subscriptionId: 0 } };
    };
    await venue.world.run(FIVE_MINUTES);
    expect(venue.requests.length).toBeLessThan(60);
  });

  it("a reconciliation, when frames that cannot be read come all the time", async () => {
    const { venue, user, asked } = open();
    await venue.world.run(1_000);
    for (let count = 0; count < 600; count++) {
      venue.leaf.current?.text("{");
      await venue.world.run(500);
    }
    expect(asked.length).toBeLessThan(60);
    await venue.world.run(60_000);
    expect(user.state.snapshot.phase).toBe("live");
    // What happens once in a while is looked into at once.
    const before = asked.length;
    venue.leaf.current?.text("{");
    await venue.world.run(100);
    expect(asked.length).toBe(before + 2);
  });
});
