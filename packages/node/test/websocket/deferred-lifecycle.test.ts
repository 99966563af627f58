import type { Lifecycle } from "@oath-ws/contract";
import { INITIAL_SNAPSHOT, LifecycleWatch } from "@oath-ws/resilience";
import { describe, expect, it } from "vitest";
import { nodeSpawn, nodeTimer } from "../../src/runtime/node-runtime.js";
import { DeferredLifecycle } from "../../src/websocket/deferred-lifecycle.js";

function inner(): LifecycleWatch {
  return new LifecycleWatch({
    initial: Object.freeze({ ...INITIAL_SNAPSHOT, phase: "connected", epoch: 1 }),
    activity: { lastDataAt: nodeTimer.now(), lastInboundAt: 7 },
    spawn: nodeSpawn,
    readAgeMs: () => 0,
    onListenerError: () => undefined,
  });
}

describe("a lifecycle that is not there yet", () => {
  it("is one that has just begun, and then the real one", async () => {
    const real = inner();
    const lifecycle: Lifecycle = new DeferredLifecycle(Promise.resolve(real));
    expect(lifecycle.snapshot).toBe(INITIAL_SNAPSHOT);
    expect([lifecycle.lastDataAt, lifecycle.lastInboundAt, lifecycle.isFresh(1e9)]).toEqual([
      undefined,
      undefined,
      false,
    ]);
    expect(await lifecycle.changed()).toBe(true);
    expect(lifecycle.snapshot).toBe(real.snapshot);
    expect([lifecycle.lastDataAt, lifecycle.lastInboundAt, lifecycle.isFresh(1e9)]).toEqual([
      real.lastDataAt,
      7,
      true,
    ]);
  });

  it("keeps those who asked early", async () => {
    const real = inner();
    const lifecycle = new DeferredLifecycle(Promise.resolve(real));
    const phases: string[] = [];
    const iterating = (async () => {
      for await (const { phase } of lifecycle) phases.push(phase);
    })();
    let unwanted = 0;
    lifecycle.subscribe(() => unwanted++)();
    const dropped = lifecycle.subscribe(() => unwanted++);
    const early = new Promise<void>((resolve) => {
      lifecycle.subscribe(resolve);
    });
    await lifecycle.changed();
    dropped();
    const late = new Promise<void>((resolve) => {
      lifecycle.subscribe(resolve);
    });
    const changed = lifecycle.changed();
    real.publish({ ...real.snapshot, phase: "closed" });
    await Promise.all([early, late]);
    expect(await changed).toBe(false);
    await iterating;
    expect(phases).toEqual(["connected", "closed"]);
    expect(unwanted).toBe(0);
  });

  it("can be stopped waiting for", async () => {
    const lifecycle = new DeferredLifecycle(Promise.resolve(inner()));
    const reason = new Error("enough");
    await expect(
      lifecycle.changed({ signal: AbortSignal.abort(reason), since: inner().snapshot }),
    ).rejects.toBe(reason);
  });
});
