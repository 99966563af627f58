import { accept } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { DEAD_MS, Rig, STALE_MS } from "./support/rig.js";

describe("blindSince", () => {
  it("is the last data before the silence, not the moment at which the socket was dropped", async () => {
    const rig = new Rig({ mock: { autoPong: false } });
    const connection = await rig.up();
    await rig.world.run(3_000);
    rig.peer.text("last");
    await rig.world.settle();
    expect(connection.lifecycle.snapshot.blindSince).toBeUndefined();
    await rig.world.run(STALE_MS + 1_000);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "stale", blindSince: 3_000 });
    await rig.world.run(DEAD_MS - STALE_MS - 1_000);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "reconnecting",
      blindSince: 3_000,
      downSince: 3_000 + DEAD_MS,
    });
    await rig.untilEpoch(connection, 2);
    // Connected is not yet seeing.
    expect(connection.lifecycle.snapshot.blindSince).toBe(3_000);
    await rig.world.run(2_000);
    rig.peer.text("first");
    const to = rig.now;
    await rig.world.settle();
    expect(connection.lifecycle.snapshot).toMatchObject({
      blindSince: undefined,
      lastBlind: { from: 3_000, to, epoch: 2 },
    });
  });

  it("ends with data in the same epoch too, and not with a pong", async () => {
    const rig = new Rig({ mock: { autoPong: false } });
    const connection = await rig.up();
    rig.peer.text("last");
    await rig.world.run(STALE_MS + 1_000);
    rig.peer.pong();
    await rig.world.settle();
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", blindSince: 0 });
    rig.peer.text("again");
    const to = rig.now;
    await rig.world.settle();
    expect(connection.lifecycle.snapshot.lastBlind).toEqual({ from: 0, to, epoch: 1 });
  });

  it("is when the connection was opened if it never brought any data, and spans outages", async () => {
    const rig = new Rig({ otherwise: accept({ afterMs: 40 }) });
    const connection = await rig.up();
    expect(connection.lifecycle.snapshot.blindSince).toBeUndefined();
    await rig.world.run(1_000);
    for (const epoch of [2, 3]) {
      rig.peer.reset();
      await rig.untilEpoch(connection, epoch);
    }
    rig.peer.text("first ever");
    await rig.world.settle();
    expect(connection.lifecycle.snapshot.lastBlind).toEqual({ from: 40, to: rig.now, epoch: 3 });
  });
});

describe("liveness: false", () => {
  it("judges no silence and sends no probe; the end of the socket is still noticed", async () => {
    const rig = new Rig({ config: { liveness: false }, mock: { autoPong: false } });
    const connection = await rig.up();
    const socket = rig.peer;
    await rig.world.run(86_400_000);
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", staleCount: 0 });
    expect(rig.traced("probe")).toEqual([]);
    socket.reset();
    await rig.untilEpoch(connection, 2);
  });
});
