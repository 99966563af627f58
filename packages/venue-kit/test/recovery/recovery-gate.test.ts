import { WsError } from "@oath-ws/contract";
import { createWorld } from "@oath-ws/testing";
import type { World } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { RecoveryGate } from "@oath-ws/venue-kit";
import type { RecoveryContext } from "@oath-ws/venue-kit";

interface Rig {
  readonly world: World;
  readonly gate: RecoveryGate<number>;
  readonly log: (string | number)[];
  readonly contexts: RecoveryContext[];
  /** What its owner does meanwhile. */
  readonly react: { deliver: (event: number) => void; failure: () => void };
}

function rig(
  reconcile: (context: RecoveryContext, world: World) => Promise<void>,
  maxHeld = 100,
): Rig {
  const world = createWorld();
  const log: (string | number)[] = [];
  const contexts: RecoveryContext[] = [];
  const react: Rig["react"] = { deliver: () => undefined, failure: () => undefined };
  const gate = new RecoveryGate<number>({
    timer: world.timer,
    random: world.random,
    reconcile: (context) => {
      contexts.push(context);
      return reconcile(context, world);
    },
    timeoutMs: 5_000,
    deliver: (event) => {
      log.push(event);
      react.deliver(event);
    },
    onLive: () => log.push("live"),
    onFailure: (error) => {
      log.push(String(error instanceof Error ? error.message : error));
      react.failure();
      return error instanceof WsError && error.kind === "auth" ? "give-up" : "retry";
    },
    maxHeld,
    retry: { minMs: 1_000, maxMs: 4_000 },
  });
  return { world, gate, log, contexts, react };
}

describe("RecoveryGate", () => {
  it("holds events until the state is known, then lets them through in order", async () => {
    const { world, gate, log } = rig((_, world) => world.delay(100));
    gate.recover(1, "start");
    gate.event(1, 1);
    gate.event(2, 1);
    await world.run(99);
    expect([gate.isLive, log]).toEqual([false, []]);
    await world.run(1);
    gate.event(3, 1);
    expect([gate.isLive, log]).toEqual([true, ["live", 1, 2, 3]]);
    expect(world.timer.pendingCount).toBe(0);
  });

  it("drops what it held, and what it found, when the stream breaks meanwhile", async () => {
    const { world, gate, log, contexts } = rig((_, world) => world.delay(100));
    gate.recover(1, "start");
    gate.event(1, 1);
    gate.interrupt();
    gate.event(2, 1);
    await world.run(200);
    expect([gate.isLive, log]).toEqual([false, []]);
    expect(contexts[0]?.signal.aborted).toBe(true);
    gate.recover(2, "reconnect");
    gate.event(3, 2);
    await world.run(200);
    expect(log).toEqual(["live", 3]);
  });

  it("tries again with growing pauses, and counts the tries", async () => {
    const { world, gate, log, contexts } = rig(({ attempt }) =>
      attempt < 4 ? Promise.reject(new Error(`no ${attempt}`)) : Promise.resolve(),
    );
    gate.recover(1, "start");
    await world.run(20_000);
    expect(log).toEqual(["no 1", "no 2", "no 3", "live"]);
    expect(contexts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
  });

  it("takes a reconciliation that never ends for a failed one", async () => {
    const { world, gate, log, contexts } = rig(({ attempt }) =>
      attempt === 1 ? new Promise(() => undefined) : Promise.resolve(),
    );
    gate.recover(1, "start");
    await world.run(10_000);
    expect(log).toEqual(["the reconciliation took longer than 5000 ms", "live"]);
    expect(contexts[0]?.signal.aborted).toBe(true);
  });

  it("gives up when told to, for good", async () => {
    const { world, gate, log } = rig(() =>
      Promise.reject(new WsError({ kind: "auth", code: "X", message: "refused" })),
    );
    gate.recover(1, "start");
    await world.run(10_000);
    gate.recover(2, "reconnect");
    gate.event(1, 2);
    await world.run(10_000);
    expect(log).toEqual(["refused"]);
    expect(world.timer.pendingCount).toBe(0);
  });

  it("starts over when more events come than it may hold", async () => {
    const { world, gate, log, contexts } = rig((_, world) => world.delay(100), 2);
    gate.recover(1, "start");
    for (const event of [1, 2, 3]) gate.event(event, 1);
    gate.event(4, 1);
    await world.run(1_000);
    expect(contexts.map(({ reason }) => reason)).toEqual(["start", "overflow"]);
    expect(log).toEqual(["live", 4]);
  });

  it("lets nothing more through when the reader of what was held finds that the state is wrong", async () => {
    const { world, gate, log, react } = rig((_, world) => world.delay(100));
    react.deliver = (event) => {
      if (event === 2) gate.recover(1, "requested");
    };
    gate.recover(1, "start");
    for (const event of [1, 2, 3]) gate.event(event, 1);
    await world.run(1_000);
    expect(log).toEqual(["live", 1, 2, "live"]);
    expect(world.timer.pendingCount).toBe(0);
  });

  it("does not try again when it was closed by the one who is told of the failure", async () => {
    const { world, gate, react, contexts } = rig(() => Promise.reject(new Error("no")));
    react.failure = () => gate.close();
    gate.recover(1, "start");
    await world.run(60_000);
    expect(contexts).toHaveLength(1);
    expect(world.timer.pendingCount).toBe(0);
  });

  it("keeps to its pauses while events come", async () => {
    const { world, gate, contexts } = rig(
      ({ attempt }) => (attempt < 3 ? Promise.reject(new Error("no")) : Promise.resolve()),
      2,
    );
    gate.recover(1, "start");
    await world.settle();
    for (let event = 1; event <= 10; event++) gate.event(event, 1);
    await world.settle();
    expect(contexts).toHaveLength(1);
    await world.run(10_000);
    expect(contexts.map(({ reason, attempt }) => [reason, attempt])).toEqual([
      ["start", 1],
      ["start", 2],
      ["start", 3],
    ]);
    expect(gate.isLive).toBe(true);
  });

  it("waits for the next recovery after an interruption, however many events come", async () => {
    const { world, gate, contexts, log } = rig(() => Promise.resolve(), 2);
    gate.interrupt();
    for (let event = 1; event <= 10; event++) gate.event(event, 1);
    await world.run(1_000);
    expect([contexts, log]).toEqual([[], []]);
  });

  it("does not ask a venue without a pause when breaks follow each other", async () => {
    const { world, gate, contexts } = rig(() => Promise.resolve());
    for (let ms = 0; ms < 60_000; ms += 100) {
      gate.recover(1, "lagged");
      await world.run(100);
    }
    expect(contexts.length).toBeGreaterThan(15);
    expect(contexts.length).toBeLessThan(40);
    // The last one is asked about in any case, and after a calm time nothing waits.
    await world.run(10_000);
    expect(gate.isLive).toBe(true);
    await world.run(10_000);
    const before = contexts.length;
    gate.recover(1, "lagged");
    await world.settle();
    expect(contexts).toHaveLength(before + 1);
  });

  it("leaves nothing behind when it is closed", async () => {
    const { world, gate, log } = rig(() => Promise.reject(new Error("no")));
    gate.recover(1, "start");
    await world.run(10);
    gate.close();
    expect(world.timer.pendingCount).toBe(0);
    await world.run(60_000);
    expect(log).toEqual(["no"]);
  });
});
