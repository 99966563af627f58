import { describe, expect, it } from "vitest";
import { openMarket, readUntil, startVenue, until } from "../support/venue.js";

const SOON = { overlapMs: 50, quietMs: 50 };

describe("planned renewal over real sockets", () => {
  it.each([
    ["when the venue announces its shutdown", 10_000],
    ["when the venue announces it and cuts at once", 0],
  ])(
    "%s: what follows is complete or announced, and nothing comes twice",
    async (_, closeAfterMs) => {
      const sim = await startVenue();
      const market = openMarket(sim, { renewal: SOON });
      const trades = market.subscribe("btcusdt@trade");
      const depth = market.subscribe("ethusdt@depth@100ms");
      const ids = (await readUntil(trades, (__, events) => events.length === 20)).map(
        ({ data }) => data.t,
      );
      sim.faults.serverShutdown(closeAfterMs);
      ids.push(...(await readUntil(trades, ({ epoch }) => epoch >= 2)).map(({ data }) => data.t));
      ids.push(
        ...(await readUntil(trades, (__, events) => events.length === 20)).map(
          ({ data }) => data.t,
        ),
      );
      expect(new Set(ids).size).toBe(ids.length);
      const missing = trades.gaps.reduce(
        (sum, { fromSeq, toSeq }) => sum + toSeq! - fromSeq! + 1,
        0,
      );
      expect(ids.length + missing).toBe(ids.at(-1)! - ids[0]! + 1);
      if (closeAfterMs > 0) {
        expect(trades.gaps).toEqual([]);
        expect(depth.gaps).toEqual([]);
        expect(trades.state.snapshot.recoveries).toBe(0);
      }
      await sim.waitFor(({ open }) => open === 1);
    },
  );

  it("before a connection is too old: without a gap, again and again", async () => {
    const sim = await startVenue();
    const market = openMarket(sim, { renewal: { ...SOON, afterMs: 150 } });
    const trades = market.subscribe("btcusdt@trade");
    const events = await readUntil(trades, ({ epoch }) => epoch === 4);
    expect(events.at(-1)!.data.t - events[0]!.data.t + 1).toBe(events.length);
    expect(trades.gaps).toEqual([]);
  });

  it("keeps the old connection when the new one comes to nothing", async () => {
    const sim = await startVenue();
    const market = openMarket(sim, { renewal: { ...SOON, timeoutMs: 5_000, retryMs: 100 } });
    const trades = market.subscribe("btcusdt@trade");
    await readUntil(trades, () => true);
    sim.faults.refuse({ count: 3, status: 503 });
    market.renew();
    const events = await readUntil(trades, ({ epoch }) => epoch === 2);
    expect(sim.stats().refused).toBe(3);
    expect(events.at(-1)!.data.t - events[0]!.data.t + 1).toBe(events.length);
    expect(trades.gaps).toEqual([]);
  });

  it("goes on with the new connection when the old one breaks meanwhile", async () => {
    const sim = await startVenue();
    const market = openMarket(sim, { renewal: { ...SOON, overlapMs: 10_000 } });
    const trades = market.subscribe("btcusdt@trade");
    await readUntil(trades, () => true);
    market.renew();
    await sim.waitFor(
      ({ subscriptions }) => subscriptions.filter(({ streams }) => streams.length > 0).length === 2,
    );
    const [old] = sim.stats().subscriptions;
    sim.faults.apply({ kind: "reset" }, { connection: old!.connection });
    const events = await readUntil(trades, ({ epoch }, read) => epoch === 2 && read.length > 20);
    const missing = trades.gaps.reduce((sum, { fromSeq, toSeq }) => sum + toSeq! - fromSeq! + 1, 0);
    expect(events.length + missing).toBe(events.at(-1)!.data.t - events[0]!.data.t + 1);
    await until(trades.state, ({ phase }) => phase === "live");
  });
});
