import { BinanceMarket } from "@oath-ws/venue-binance";
import { networkRuntime } from "oath-ws/leaf";
import { describe, expect, it } from "vitest";
import { binance, coinbase, ibkr } from "./support/virtual-scene.js";

const VENUES = { binance, coinbase, ibkr } as const;
const NAMES = ["binance", "coinbase", "ibkr"] as const;

const MINUTE = 60_000;

/** Faults of every simulator, after which everything must be live again. */
const FAULTS: readonly object[] = [
  { kind: "reset" },
  { kind: "close", code: 1001, reason: "bye" },
  { kind: "half-open" },
  { kind: "mute", forMs: 20_000 },
  { kind: "stall", forMs: 40_000 },
  { kind: "stop-reading", forMs: 40_000 },
  { kind: "throttle", bytesPerSecond: 200 },
  { kind: "drop", count: 3 },
  { kind: "drop-replies", count: 1 },
  { kind: "duplicate", count: 2 },
  { kind: "reorder", count: 2 },
  { kind: "fragment", pieces: 3 },
  { kind: "bad-utf8" },
  { kind: "oversized" },
  { kind: "ignore-close" },
  { kind: "refuse", status: 503, count: 2 },
  { kind: "accept-then-close", count: 2 },
];

describe("two machines of clients", () => {
  it("are two addresses to the venue: a ban of one leaves the other alone", async () => {
    const { scene, sim } = await binance(4);
    const { world, network } = scene;
    const other = network.host("other");
    const runtime = networkRuntime({ ...world, network: other, timer: other.timer });
    const market = new BinanceMarket({ runtime, url: sim.url, restUrl: sim.restUrl });
    const trades = market.subscribe("btcusdt@trade");
    scene.endWith(() => market.shutdown());
    const isLive = (): boolean => trades.state.snapshot.phase === "live";
    await world.runUntil(() => scene.isLive && isLive(), 2 * MINUTE);
    expect(new Set(sim.stats().connects.map(({ address }) => address))).toEqual(
      new Set([scene.client.address, other.address]),
    );
    sim.faults.ban({ address: other.address, forMs: MINUTE });
    await world.run(MINUTE / 2);
    expect([scene.isLive, isLive()]).toEqual([true, false]);
    await world.runUntil(isLive, 10 * MINUTE);
    expect(await scene.end()).toMatchObject({ clientTimers: 0, connections: 0, tasks: 0 });
    expect(other.timer.pendingCount).toBe(0);
  });
});

describe.each(NAMES)("the simulator of %s in virtual time", (name) => {
  it("makes every topic live over WebSocket and REST, and leaves nothing behind", async () => {
    const { scene, sim } = await VENUES[name](1);
    await scene.world.runUntil(() => scene.isLive, 2 * MINUTE);
    await scene.world.run(10 * MINUTE);
    expect(scene.ailing).toEqual({});
    for (const [topic, count] of scene.counts) expect([topic, count > 5]).toEqual([topic, true]);
    expect(sim.stats()).toMatchObject({ protocolErrors: 0 });
    expect(await scene.end()).toEqual({
      clientTimers: 0,
      venueTimers: 0,
      connections: 0,
      tasks: 0,
    });
  });

  it("can do every fault of real sockets, and what dials again is live", async () => {
    const { scene, apply } = await VENUES[name](2);
    const { world, network } = scene;
    await world.runUntil(() => scene.isLive, 2 * MINUTE);
    for (const fault of FAULTS) {
      apply(fault);
      // A refusal needs a dial.
      if ("status" in fault || "count" in fault) network.connections[0]?.reset();
      await world.run(MINUTE);
      apply({ kind: "clear" });
      await world.runUntil(() => scene.isLive, 10 * MINUTE).catch(() => undefined);
      expect([fault, scene.ailing]).toEqual([fault, {}]);
    }
    expect(await scene.end()).toMatchObject({ clientTimers: 0, connections: 0, tasks: 0 });
  });

  it("does the same for the same seed, through faults of the network", async () => {
    const play = async (seed: number): Promise<unknown> => {
      const { scene, apply } = await VENUES[name](seed);
      const { world, network, client } = scene;
      const link = network.link("client", "venue.test");
      await world.run(MINUTE);
      link.reset();
      await world.run(MINUTE);
      link.blackHole("toClient");
      await world.run(30_000);
      link.heal();
      client.stall(5_000);
      await world.run(MINUTE);
      client.sleep(5 * MINUTE);
      apply({ kind: "stall", forMs: 10_000 });
      await world.run(7 * MINUTE);
      await scene.end();
      return { hash: scene.hash(), counts: [...scene.counts] };
    };
    const first = await play(5);
    expect(await play(5)).toEqual(first);
    expect(await play(6)).not.toEqual(first);
  });
});
