import { describe, expect, it } from "vitest";
import { frame, OP } from "../support/frames.js";
import { Rig } from "./rig.js";

/** Some minutes with traffic both ways, a reset, a black hole, a stall and a sleep. */
async function play(seed: number): Promise<{ hash: string; frames: number; timers: number }> {
  const rig = new Rig(seed, { jitterMs: 20, partialReads: 0.3, segmentBytes: 300 });
  rig.serve();
  const { world, network, client } = rig;
  const connection = await world.complete(rig.connect());
  let said = 0;
  const speak = (): void => {
    rig.peers.at(-1)?.socket.write(frame(OP.text, `tick ${said++} ${"x".repeat(said % 400)}`));
    rig.server.timer.schedule(250, speak);
  };
  speak();
  let frames = 0;
  const read = (async () => {
    for await (const each of connection.source) {
      frames++;
      if (each.kind === "text" && frames % 10 === 0)
        await connection.sink.send(`heard ${frames}`).catch(() => undefined);
    }
  })();
  await world.run(30_000);
  network.connections[0]?.reset();
  await world.run(60_000);
  network.link("client", "venue.test").blackHole("toClient");
  await world.run(40_000);
  network.link("client", "venue.test").heal();
  client.stall(7_000);
  await world.run(60_000);
  client.sleep(120_000);
  await world.run(180_000);
  await world.complete(connection.control.shutdown());
  await read;
  return { hash: rig.hash(), frames, timers: client.timer.pendingCount };
}

/** Timers and sockets of the platform that keep the process alive. */
function activeResources(): readonly string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /Timeout|TCP|TLS|DNS|GetAddr/.test(name));
}

/** Those that were not there before; a timer of the test runner may have ended meanwhile. */
function beyond(before: readonly string[]): readonly string[] {
  const known = [...before];
  return activeResources().filter((name) => {
    const at = known.indexOf(name);
    if (at !== -1) known.splice(at, 1);
    return at === -1;
  });
}

describe("the stack over the direct transport on the virtual network", () => {
  it("sends the same bytes at the same times for the same seed", async () => {
    const first = await play(11);
    expect(first.frames).toBeGreaterThan(800);
    expect(first.timers).toBe(0);
    expect(await play(11)).toEqual(first);
    expect((await play(12)).hash).not.toBe(first.hash);
  });

  it("uses no timer and no socket of the platform", async () => {
    const before = activeResources();
    const rig = new Rig();
    rig.serve();
    const connection = await rig.world.complete(rig.connect());
    await rig.world.run(1_000);
    expect(beyond(before)).toEqual([]);
    await rig.world.complete(connection.control.shutdown());
    expect(beyond(before)).toEqual([]);
  });

  it("is a day that passes in seconds", async () => {
    const rig = new Rig();
    rig.serve();
    const { world } = rig;
    const connection = await world.complete(rig.connect());
    const drop = (): void => {
      rig.network.connections[0]?.reset();
      rig.client.timer.schedule(600_000, drop);
    };
    rig.client.timer.schedule(600_000, drop);
    await world.run(86_400_000);
    expect(connection.lifecycle.snapshot.epoch).toBe(144);
    expect(rig.network.connections.length).toBeLessThanOrEqual(2);
  });
});
