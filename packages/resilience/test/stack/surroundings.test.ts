import type { Surroundings, SurroundingsEvent } from "@oath-ws/contract";
import { AttemptGate } from "@oath-ws/resilience";
import { accept, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { DEAD_MS, Rig } from "./support/rig.js";
import type { RigOptions } from "./support/rig.js";

/** Surroundings that the test speaks for. */
class Told implements Surroundings {
  readonly listeners = new Set<(event: SurroundingsEvent) => void>();
  readonly #first: SurroundingsEvent | undefined;

  constructor(first?: SurroundingsEvent) {
    this.#first = first;
  }

  watch(listener: (event: SurroundingsEvent) => void): () => void {
    this.listeners.add(listener);
    if (this.#first !== undefined) listener(this.#first);
    return () => this.listeners.delete(listener);
  }

  tell(event: SurroundingsEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

function rigWith(told: Told, options: RigOptions = {}): Rig {
  return new Rig({
    otherwise: accept(),
    ...options,
    stack: { surroundings: told, ...options.stack },
    config: { attempts: { max: 100 }, ...options.config },
  });
}

describe("a platform that says it is offline", () => {
  it("is dialled from once a minute, and the snapshot waits for the network", async () => {
    const told = new Told();
    const rig = rigWith(told, { otherwise: refuse({ code: "ECONNREFUSED" }) });
    const connection = await rig.start();
    await rig.world.run(500);
    const before = rig.dialTimes.length;
    told.tell("offline");
    await rig.world.settle();
    const offlineAt = rig.now;
    const { lifecycle } = connection;
    expect(lifecycle.snapshot.waitingFor).toBe("network");
    expect(lifecycle.snapshot.waitingUntil).toBe(offlineAt + 60_000);
    expect(connection.stats().waitingFor).toBe("network");
    await rig.world.run(59_999);
    expect(rig.dialTimes.length).toBe(before);
    // Repeated word of it does not put the attempt off again.
    told.tell("offline");
    await rig.world.run(120_002);
    expect(rig.dialTimes.length).toBe(before + 3);
    expect(lifecycle.snapshot.waitingFor).toBe("network");
    await rig.world.complete(connection.control.shutdown());
    rig.expectNothingLeft();
    expect(told.listeners.size).toBe(0);
  });

  it("is dialled from at once when it is online again, whatever the backoff was", async () => {
    const told = new Told();
    const rig = rigWith(told, {
      config: { backoff: { minMs: 20_000, maxMs: 20_000 } },
      script: [refuse({ code: "ENETUNREACH" })],
    });
    const connection = await rig.start();
    await rig.world.settle();
    told.tell("offline");
    await rig.world.run(5_000);
    told.tell("online");
    await rig.world.settle();
    expect(rig.dialTimes).toEqual([0, 5_000]);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connected",
      waitingFor: undefined,
    });
  });

  it("keeps the limits of the gate and a Retry-After when it is online again", async () => {
    const told = new Told();
    const rig = rigWith(told, {
      gate: new AttemptGate(),
      config: { attempts: { max: 1, windowMs: 30_000 } },
      script: [refuse({ code: "ENETUNREACH" }), refuse({ status: 503, retryAfterMs: 50_000 })],
    });
    const connection = await rig.start();
    await rig.world.run(1_000);
    told.tell("offline");
    await rig.world.settle();
    told.tell("online");
    await rig.world.settle();
    expect(connection.lifecycle.snapshot).toMatchObject({
      waitingFor: "gate",
      waitingUntil: 30_000,
    });
    await rig.world.run(29_500);
    expect(rig.dialTimes).toEqual([0, 30_000]);
    told.tell("offline");
    told.tell("online");
    await rig.world.settle();
    expect(connection.lifecycle.snapshot.waitingFor).toBe("retryAfter");
    await rig.world.run(49_000);
    expect(rig.dialTimes).toEqual([0, 30_000]);
    await rig.world.run(1_000);
    expect(rig.dialTimes).toEqual([0, 30_000, 80_000]);
  });

  it("is believed before the first attempt, also by a source of endpoints and by several", async () => {
    for (const url of [
      ["wss://a.example", "wss://b.example"],
      { next: () => Promise.resolve(["wss://a.example"]) },
    ]) {
      const told = new Told("offline");
      const rig = rigWith(told);
      const connection = await rig.connector.connect(
        { url, protocols: [], headers: {} },
        { awaitFirst: false },
      );
      await rig.world.run(30_000);
      expect(rig.dialTimes).toEqual([]);
      expect(connection.lifecycle.snapshot.waitingFor).toBe("network");
      told.tell("online");
      await rig.world.settle();
      expect(rig.dialTimes).toEqual([30_000]);
      expect(connection.lifecycle.snapshot.phase).toBe("connected");
    }
  });

  it("is not believed any more once an attempt has succeeded, and keeps its open socket", async () => {
    const told = new Told("offline");
    const rig = rigWith(told);
    const connection = await rig.start();
    await rig.untilEpoch(connection, 1);
    expect(rig.dialTimes).toEqual([60_000]);
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    expect(rig.now).toBeLessThan(61_000);
    told.tell("offline");
    await rig.world.settle();
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "resumed", epoch: 2 });
  });

  it("makes a forced reconnect wait, beside the socket that works", async () => {
    const told = new Told();
    const rig = rigWith(told, { config: { attempts: { max: 1, windowMs: 10_000 } } });
    const connection = await rig.up();
    connection.trigger.forceReconnect("a test");
    await rig.world.settle();
    expect(connection.lifecycle.snapshot.waitingFor).toBe("gate");
    told.tell("offline");
    await rig.world.settle();
    expect(connection.lifecycle.snapshot.waitingFor).toBe("network");
    told.tell("online");
    await rig.untilEpoch(connection, 2);
    expect(rig.dialTimes[1]).toBeLessThan(11_000);
  });
});

describe("a platform that runs us again, or is online again", () => {
  it("has the open socket probed at once", async () => {
    const told = new Told();
    const rig = rigWith(told, { config: { liveness: { probeAfterMs: 5_000 } } });
    await rig.up();
    for (const event of ["awake", "online"] as const) {
      const before = rig.traced("probe").length;
      await rig.world.run(100);
      told.tell(event);
      await rig.world.settle();
      expect(rig.traced("probe").length).toBe(before + 1);
    }
  });

  it("still drops a peer that stays silent, however often it is told", async () => {
    const told = new Told();
    const rig = rigWith(told);
    const connection = await rig.up();
    rig.peer.goSilent();
    for (let at = 0; at < DEAD_MS + 2_000; at += 500) {
      told.tell("awake");
      await rig.world.run(500);
    }
    expect(connection.lifecycle.snapshot.cause?.code).toBe("PEER_SILENT");
  });

  it("sends the text that was given where there are no pings, within the send limit", async () => {
    const told = new Told();
    const rig = rigWith(told, {
      mock: { controlFrames: false },
      stack: { surroundings: told, probe: '{"op":"ping"}' },
      config: { send: { rateLimit: { max: 2, windowMs: 60_000 } } },
    });
    const connection = await rig.up();
    told.tell("awake");
    await rig.world.settle();
    expect(rig.peer.receivedTexts).toEqual(['{"op":"ping"}']);
    await connection.sink.send("mine");
    const second = connection.sink.send("second", { deadlineMs: 1_000 });
    await expect(rig.world.complete(second)).rejects.toMatchObject({ code: "SEND_DEADLINE" });
  });
});
