import { BinanceMarket, BinanceUserData } from "@oath-ws/venue-binance";
import { expect, it } from "vitest";
import { VirtualVenue } from "../support/virtual-venue.js";
import { ACCOUNT_EVENTS, CONDITIONS, MARKET_EVENTS } from "./shapes.js";

it("an account's events arrive whole, those of a type that is not known too", async () => {
  const venue = new VirtualVenue();
  venue.answer = () => ({ status: 200, result: { subscriptionId: 0 } });
  const user = new BinanceUserData({
    runtime: venue.runtime,
    credentials: { apiKey: "k", sign: () => "s" },
    reconcile: () => Promise.resolve(undefined),
  });
  await venue.world.run(1_000);
  const events = [...ACCOUNT_EVENTS, { e: "somethingNew", E: 1, z: ["x"] }];
  for (const event of events)
    venue.leaf.current?.text(JSON.stringify({ subscriptionId: 0, event }));
  await venue.world.run(1_000);
  const got: unknown[] = [];
  for (let update = user.take(); update !== undefined; update = user.take())
    if (update.data.kind === "event") got.push(update.data.event);
  expect(got).toEqual(events);
  expect(user.state.snapshot).toMatchObject({ phase: "live", gaps: 0 });
});

it("the documentation's 23 conditional fields of an execution report are all there", () => {
  const fields = Object.values(CONDITIONS).flatMap((each) => Object.keys(each));
  expect(new Set(fields).size).toBe(23);
});

it.each(Object.entries(MARKET_EVENTS))("%s arrives whole", async (name, payload) => {
  const venue = new VirtualVenue();
  const market = new BinanceMarket({ runtime: venue.runtime });
  const events = market.subscribe(name);
  await venue.world.run(1_000);
  venue.publish(name, payload);
  await venue.world.run(1_000);
  expect(events.take()?.data).toEqual(payload);
  expect(events.state.snapshot).toMatchObject({ phase: "live", gaps: 0 });
});
