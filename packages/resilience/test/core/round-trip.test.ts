import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RoundTrip } from "../../src/core/round-trip.js";

describe("RoundTrip", () => {
  it("measures from the ping to its pong, whatever came between", () => {
    const roundTrip = new RoundTrip();
    const first = roundTrip.ping(0);
    const second = roundTrip.ping(50);
    expect(roundTrip.pong(second, 70)).toBe(true);
    expect(roundTrip.lastMs).toBe(20);
    expect(roundTrip.pong(first, 90)).toBe(true);
    expect(roundTrip.lastMs).toBe(90);
  });

  it.each([
    ["nothing was asked", () => new Uint8Array(0)],
    ["another payload", () => Uint8Array.of(1, 2, 3, 4, 5, 6)],
    ["a number that was never sent", () => Uint8Array.of(0x6f, 0x77, 0, 0, 0, 9)],
  ])("measures nothing by a pong to %s", (_, payload) => {
    const roundTrip = new RoundTrip();
    roundTrip.ping(0);
    expect(roundTrip.pong(payload(), 10)).toBe(false);
    expect(roundTrip.lastMs).toBeUndefined();
  });

  it("takes each answer once, and none of a former socket", () => {
    const roundTrip = new RoundTrip();
    const ping = roundTrip.ping(0);
    expect([roundTrip.pong(ping, 5), roundTrip.pong(ping, 9)]).toEqual([true, false]);
    const lost = roundTrip.ping(10);
    roundTrip.open();
    expect(roundTrip.pong(lost, 20)).toBe(false);
    expect(roundTrip.lastSentAt).toBeUndefined();
  });

  it("forgets pings that stayed unanswered while eight others went out", () => {
    const roundTrip = new RoundTrip();
    const old = roundTrip.ping(0);
    for (let i = 1; i <= 8; i++) roundTrip.ping(i);
    expect(roundTrip.pong(old, 100)).toBe(false);
  });

  it("gives the larger of 100 ms and twice the spread of the last 16, at most the window", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 3_000 }),
        (trips, windowMs) => {
          const roundTrip = new RoundTrip();
          for (const ms of trips) roundTrip.pong(roundTrip.ping(1_000), 1_000 + ms);
          const last = trips.slice(-16);
          const spread = last.length === 0 ? 0 : Math.max(...last) - Math.min(...last);
          expect(roundTrip.slackMs(windowMs)).toBe(Math.min(windowMs, Math.max(100, 2 * spread)));
        },
      ),
    );
  });
});
