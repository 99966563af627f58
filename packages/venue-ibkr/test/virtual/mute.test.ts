import { describe, expect, it } from "vitest";
import { VirtualGateway } from "../support/virtual-gateway.js";

const MINUTE = 60_000;

describe("mute, with the defaults", () => {
  it("is no symbol with one trade in two hours: nothing is stale, nothing is replaced", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const quotes = client.subscribe("smd+1");
    const orders = client.subscribe("sor");
    await gateway.world.run(60 * MINUTE);
    gateway.say({ topic: "smd+1", conid: 1, conidEx: "1", _updated: 1, "31": "5.00" });
    await gateway.world.run(60 * MINUTE);
    for (const { state } of [quotes, orders])
      expect(state.snapshot).toMatchObject({ phase: "live", staleCount: 0, recoveries: 0 });
    expect(gateway.leaf.dials).toHaveLength(1);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });

  it.each([
    { beats: false, tics: true },
    { beats: true, tics: false },
  ])("is no connection that has one of its rhythms: $beats, $tics", async ({ beats, tics }) => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const quotes = client.subscribe("smd+1");
    const system = client.subscribe("system");
    await gateway.world.run(25_000);
    Object.assign(gateway, { beats, tics });
    await gateway.world.run(60 * MINUTE);
    expect(gateway.leaf.dials).toHaveLength(1);
    expect(quotes.state.snapshot).toMatchObject({ phase: "live", staleCount: 0, recoveries: 0 });
    // The topic with the rhythm tells by itself that it has lost it.
    expect(system.state.snapshot.phase).toBe(beats ? "live" : "stale");
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });

  it("is a connection without any: stale after 21 s, replaced after 31 s, then ever more rarely", async () => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const quotes = client.subscribe("smd+1");
    await gateway.world.run(25_000);
    const lastBeat = 24_000;
    gateway.beats = false;
    gateway.tics = false;
    await gateway.world.runUntil(() => quotes.state.snapshot.phase === "stale");
    expect(gateway.world.timer.now() - lastBeat).toBeGreaterThanOrEqual(21_000);
    expect(gateway.world.timer.now() - lastBeat).toBeLessThan(22_000);
    await gateway.world.runUntil(() => gateway.leaf.dials.length === 2);
    expect(gateway.world.timer.now() - lastBeat).toBeGreaterThanOrEqual(31_000);
    expect(gateway.world.timer.now() - lastBeat).toBeLessThan(34_000);
    const times: number[] = [gateway.world.timer.now()];
    for (let dials = 3; dials <= 7; dials++) {
      await gateway.world.runUntil(() => gateway.leaf.dials.length === dials);
      times.push(gateway.world.timer.now());
    }
    const pauses = times.slice(1).map((at, index) => at - times[index]!);
    for (const [next, pause] of pauses.slice(1).entries())
      expect(pause / pauses[next]!).toBeGreaterThan(next < 3 ? 1.7 : 1);
    await gateway.world.run(3 * 60 * MINUTE);
    expect(gateway.leaf.dials.length).toBeLessThan(7 + 20);
    // One that is heard again is judged as the first was.
    gateway.beats = true;
    await gateway.world.run(20 * MINUTE);
    expect(quotes.state.snapshot.phase).toBe("live");
    const { length } = gateway.leaf.dials;
    gateway.beats = false;
    await gateway.world.run(40_000);
    expect(gateway.leaf.dials).toHaveLength(length + 1);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });
});
