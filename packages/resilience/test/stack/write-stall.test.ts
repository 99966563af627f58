import type { ReconnectingConnection } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { codeOf, errorOf, watch } from "./support/outcome.js";
import { DEAD_MS, PROBE_MS, Rig } from "./support/rig.js";

/** A peer that goes on sending, so that no silence shows that it does not read. */
function keepSending(rig: Rig): void {
  const { peer } = rig;
  const tick = (): void => {
    if (!peer.text("tick")) return;
    rig.world.timer.schedule(50, tick);
  };
  tick();
}

async function stalled(
  options: ConstructorParameters<typeof Rig>[0] = {},
): Promise<{ rig: Rig; connection: ReconnectingConnection }> {
  const rig = new Rig(options);
  const connection = await rig.up();
  keepSending(rig);
  rig.peer.stopReading();
  return { rig, connection };
}

describe("a peer that sends and does not read", () => {
  it("is noticed within writeStallMs and a probe, told in trace and cause, and left", async () => {
    const { rig, connection } = await stalled();
    const order = watch(connection.sink.send("order"));
    const { peer } = rig;
    await rig.world.run(DEAD_MS - 1);
    expect(connection.lifecycle.snapshot.phase).toBe("connected");
    await rig.world.runUntil(() => connection.lifecycle.snapshot.cause !== undefined, PROBE_MS + 1);
    expect(connection.lifecycle.snapshot.cause).toMatchObject({
      kind: "timeout",
      code: "WRITE_STALLED",
      epoch: 1,
    });
    expect(rig.traced("writeStall")).toMatchObject([{ bytes: 7 }]);
    expect(rig.traced("writeStall")[0]?.stalledMs).toBeGreaterThanOrEqual(DEAD_MS);
    await rig.world.settle();
    const error = errorOf(order);
    expect(error).toMatchObject({ code: "SEND_FATE_UNKNOWN", epoch: 1 });
    expect(error.cause).toMatchObject({ code: "WRITE_STALLED" });
    expect(peer.destroyedByClient).toBe(true);
    await rig.untilEpoch(connection, 2);
    await rig.world.complete(connection.sink.send("in the new epoch"));
  });

  it("is noticed without any send, by the pongs that do not leave", async () => {
    const { rig, connection } = await stalled();
    rig.peer.ping();
    await rig.untilEpoch(connection, 2);
    expect(connection.lifecycle.snapshot.cause).toMatchObject({ code: "WRITE_STALLED" });
    expect(rig.now).toBeLessThanOrEqual(DEAD_MS + PROBE_MS + 1_000);
  });

  it("lets sink.close() settle in bounded time", async () => {
    const { rig, connection } = await stalled();
    const order = watch(connection.sink.send("order"));
    const closed = watch(connection.sink.close());
    await rig.world.run(DEAD_MS + PROBE_MS);
    expect([order, closed].map(codeOf)).toEqual(["SEND_FATE_UNKNOWN", "resolved"]);
  });

  it.each([
    ["own limit", { liveness: { writeStallMs: 2_000 } }, 2_000 + PROBE_MS],
    ["deadAfterMs", { liveness: { deadAfterMs: 11_000 } }, 11_000 + PROBE_MS],
  ])("is judged by its %s", async (_, config, bound) => {
    const { rig, connection } = await stalled({ config });
    void watch(connection.sink.send("order"));
    await rig.world.run(bound + 1);
    expect(rig.traced("writeStall")).toHaveLength(1);
  });

  it("is not judged when writeStallMs is false", async () => {
    const { rig, connection } = await stalled({ config: { liveness: { writeStallMs: false } } });
    const order = watch(connection.sink.send("order"));
    await rig.world.run(10 * DEAD_MS);
    expect(codeOf(order)).toBe("pending");
    expect(connection.lifecycle.snapshot.epoch).toBe(1);
  });
});

describe("no stall is", () => {
  it("a peer that reads a little now and then", async () => {
    const { rig, connection } = await stalled();
    for (let i = 0; i < 12; i++) {
      void watch(connection.sink.send(`${i}`));
      await rig.world.run(DEAD_MS - 1_000);
      rig.peer.resumeReading();
      rig.peer.stopReading();
    }
    expect(connection.lifecycle.snapshot.epoch).toBe(1);
  });

  it("a send that waits for our own rate limit", async () => {
    const rig = new Rig({ config: { send: { rateLimit: { max: 1, windowMs: 60_000 } } } });
    const connection = await rig.up();
    keepSending(rig);
    const sends = ["1", "2"].map((text) => watch(connection.sink.send(text)));
    await rig.world.run(3 * DEAD_MS);
    expect(sends.map(codeOf)).toEqual(["resolved", "pending"]);
    expect(connection.lifecycle.snapshot.epoch).toBe(1);
  });

  it("one that ended while our own loop was blocked: there is one more look", async () => {
    const { rig, connection } = await stalled();
    const order = watch(connection.sink.send("order"));
    await rig.world.run(PROBE_MS + 100);
    const { peer } = rig;
    // What the kernel did meanwhile is reported in the poll phase, behind the timers that are late.
    rig.world.timer.scheduleArrival(DEAD_MS, () => peer.resumeReading());
    await rig.world.stall(2 * DEAD_MS);
    await rig.world.run(1_000);
    expect(codeOf(order)).toBe("resolved");
    expect(connection.lifecycle.snapshot.epoch).toBe(1);
  });
});
