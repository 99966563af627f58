import type { LifecycleSnapshot, Phase } from "@oath-ws/contract";
import { ManualSpawn } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { INITIAL_SNAPSHOT } from "../../src/core/initial-snapshot.js";
import { LifecycleWatch } from "../../src/primitives/lifecycle-watch.js";
import { FakeSignal } from "../support/fake-signal.js";
import { rejection, settle, watch } from "../support/outcome.js";

class Rig {
  now = 1_000;
  readonly activity = {
    lastDataAt: undefined as number | undefined,
    lastInboundAt: undefined as number | undefined,
  };
  readAgeMs: (epoch: number) => number | undefined = () => undefined;
  readonly spawn = new ManualSpawn();
  readonly faults: unknown[] = [];
  readonly watch = new LifecycleWatch({
    initial: INITIAL_SNAPSHOT,
    activity: this.activity,
    spawn: this.spawn,
    owner: {
      readAgeMs: (epoch) => this.readAgeMs(epoch),
      onListenerError: (error) => this.faults.push(error),
    },
  });

  publish(change: Partial<LifecycleSnapshot>): LifecycleSnapshot {
    const next = { ...this.watch.snapshot, ...change };
    this.watch.publish(next);
    return next;
  }
}

describe("LifecycleWatch, the snapshot", () => {
  it("is the initial one, then always the last one that was published", () => {
    const rig = new Rig();
    expect(rig.watch.snapshot).toBe(INITIAL_SNAPSHOT);
    const next = rig.publish({ phase: "connected", epoch: 1 });
    expect(rig.watch.snapshot).toBe(next);
    expect(Object.isFrozen(next)).toBe(true);
  });

  it("shows when frames arrived without a new snapshot", () => {
    const rig = new Rig();
    expect([rig.watch.lastDataAt, rig.watch.lastInboundAt]).toEqual([undefined, undefined]);
    rig.activity.lastDataAt = 5;
    rig.activity.lastInboundAt = 7;
    expect([rig.watch.lastDataAt, rig.watch.lastInboundAt]).toEqual([5, 7]);
    expect(rig.watch.snapshot).toBe(INITIAL_SNAPSHOT);
  });
});

describe("LifecycleWatch, changed()", () => {
  it("waits for a snapshot other than the current one", async () => {
    const rig = new Rig();
    const changed = watch(rig.watch.changed());
    await settle();
    expect(changed.state).toBe("pending");
    rig.publish({ attempts: 1 });
    await settle();
    expect(changed.value).toBe(true);
  });

  it("resolves at once when the snapshot is already another one than the reader saw", async () => {
    const rig = new Rig();
    const seen = rig.watch.snapshot;
    rig.publish({ attempts: 1 });
    await expect(rig.watch.changed({ since: seen })).resolves.toBe(true);
    const again = watch(rig.watch.changed({ since: rig.watch.snapshot }));
    await settle();
    expect(again.state).toBe("pending");
  });

  it("wakes every waiter", async () => {
    const rig = new Rig();
    const waiting = [
      watch(rig.watch.changed()),
      watch(rig.watch.changed()),
      watch(rig.watch.changed()),
    ];
    rig.publish({ attempts: 1 });
    await settle();
    expect(waiting.map(({ value }) => value)).toEqual([true, true, true]);
  });

  it.each(["unrecoverable", "closed"] as const)(
    "is false when the snapshot becomes %s, and from then on",
    async (phase) => {
      const rig = new Rig();
      const waiting = watch(rig.watch.changed());
      const seen = rig.watch.snapshot;
      rig.publish({ phase });
      await settle();
      expect(waiting.value).toBe(false);
      await expect(rig.watch.changed()).resolves.toBe(false);
      await expect(rig.watch.changed({ since: seen })).resolves.toBe(false);
    },
  );

  it("rejects with the signal's reason, and leaves no listener behind", async () => {
    const rig = new Rig();
    const signal = new FakeSignal();
    const waiting = watch(rig.watch.changed({ signal }));
    signal.abort("enough");
    await settle();
    expect(waiting.reason).toBe("enough");
    expect(signal.listenerCount).toBe(0);
    rig.publish({ attempts: 1 });
    expect(await rejection(rig.watch.changed({ signal }))).toBe("enough");
  });

  it("leaves no listener behind on the signal after a change", () => {
    const rig = new Rig();
    const signal = new FakeSignal();
    watch(rig.watch.changed({ signal }));
    expect(signal.listenerCount).toBe(1);
    rig.publish({ attempts: 1 });
    expect(signal.listenerCount).toBe(0);
  });
});

describe("LifecycleWatch, subscribe()", () => {
  it("calls the listener in a turn of its own, once for several changes", () => {
    const rig = new Rig();
    let calls = 0;
    rig.watch.subscribe(() => calls++);
    rig.spawn.drain();
    expect(calls).toBe(0);
    rig.publish({ attempts: 1 });
    rig.publish({ attempts: 2 });
    expect(calls).toBe(0);
    rig.spawn.drain();
    expect(calls).toBe(1);
    rig.publish({ attempts: 3 });
    rig.spawn.drain();
    expect(calls).toBe(2);
  });

  it("reports a change that comes before the first turn", () => {
    const rig = new Rig();
    const seen: number[] = [];
    rig.watch.subscribe(() => seen.push(rig.watch.snapshot.attempts));
    rig.publish({ attempts: 1 });
    rig.spawn.drain();
    expect(seen).toEqual([1]);
  });

  it("reports the terminal snapshot, and leaves no task behind", () => {
    const rig = new Rig();
    const seen: Phase[] = [];
    rig.watch.subscribe(() => seen.push(rig.watch.snapshot.phase));
    rig.spawn.drain();
    rig.publish({ phase: "closed" });
    rig.spawn.drain();
    expect(seen).toEqual(["closed"]);
    expect(rig.spawn.liveCount).toBe(0);
  });

  it("leaves no task behind either when there is no listener any more at the end", () => {
    const rig = new Rig();
    const unsubscribe = rig.watch.subscribe(() => undefined);
    rig.spawn.drain();
    unsubscribe();
    rig.publish({ phase: "closed" });
    rig.spawn.drain();
    expect(rig.spawn.liveCount).toBe(0);
  });

  it("takes one task however many listeners there are, and none without", () => {
    const rig = new Rig();
    expect(rig.spawn.liveCount).toBe(0);
    for (let i = 0; i < 5; i++) rig.watch.subscribe(() => undefined);
    expect(rig.spawn.liveCount).toBe(1);
  });

  it("starts nothing for a listener that comes after the end", () => {
    const rig = new Rig();
    rig.publish({ phase: "closed" });
    rig.watch.subscribe(() => undefined);
    expect(rig.spawn.liveCount).toBe(0);
  });

  it("treats the same function subscribed twice as two subscriptions", () => {
    const rig = new Rig();
    let calls = 0;
    const listener = () => {
      calls++;
    };
    const unsubscribe = rig.watch.subscribe(listener);
    rig.watch.subscribe(listener);
    rig.publish({ attempts: 1 });
    rig.spawn.drain();
    expect(calls).toBe(2);
    unsubscribe();
    unsubscribe();
    rig.publish({ attempts: 2 });
    rig.spawn.drain();
    expect(calls).toBe(3);
  });

  it("lets a listener unsubscribe itself, or another one that has not had its turn", () => {
    const rig = new Rig();
    const calls: string[] = [];
    const first = rig.watch.subscribe(() => {
      calls.push("first");
      first();
      third();
    });
    rig.watch.subscribe(() => calls.push("second"));
    const third = rig.watch.subscribe(() => calls.push("third"));
    rig.publish({ attempts: 1 });
    rig.spawn.drain();
    rig.publish({ attempts: 2 });
    rig.spawn.drain();
    expect(calls).toEqual(["first", "second", "second"]);
  });

  it("runs the other listeners when one throws, and reports what it threw, each time", () => {
    const rig = new Rig();
    const bug = new Error("listener bug");
    let calls = 0;
    rig.watch.subscribe(() => {
      throw bug;
    });
    rig.watch.subscribe(() => calls++);
    for (let attempts = 1; attempts <= 2; attempts++) {
      rig.publish({ attempts });
      rig.spawn.drain();
    }
    expect(calls).toBe(2);
    expect(rig.faults).toEqual([bug, bug]);
  });

  it("calls the listeners once more when one of them brings about another change", () => {
    const rig = new Rig();
    const seen: number[] = [];
    rig.watch.subscribe(() => {
      const { attempts } = rig.watch.snapshot;
      seen.push(attempts);
      if (attempts === 1) rig.publish({ attempts: 2 });
    });
    rig.spawn.drain();
    rig.publish({ attempts: 1 });
    rig.spawn.drain();
    expect(seen).toEqual([1, 2]);
  });

  it("does not call a listener that came after the last change", () => {
    const rig = new Rig();
    rig.publish({ attempts: 1 });
    let calls = 0;
    rig.watch.subscribe(() => calls++);
    rig.spawn.drain();
    expect(calls).toBe(0);
  });
});

describe("LifecycleWatch, iteration", () => {
  it("gives the current snapshot, then the newest after each change, down to the terminal one", async () => {
    const rig = new Rig();
    const phases: Phase[] = [];
    const loop = (async () => {
      for await (const { phase } of rig.watch) phases.push(phase);
    })();
    await settle();
    rig.publish({ phase: "connected", epoch: 1 });
    await settle();
    rig.publish({ phase: "stale" });
    rig.publish({ phase: "reconnecting" });
    await settle();
    rig.publish({ phase: "closed" });
    await loop;
    expect(phases).toEqual(["connecting", "connected", "reconnecting", "closed"]);
  });

  it("skips what a slow reader missed, of which the totals still tell", async () => {
    const rig = new Rig();
    const iterator = rig.watch[Symbol.asyncIterator]();
    await iterator.next();
    for (let epoch = 1; epoch <= 5; epoch++) rig.publish({ phase: "resumed", epoch });
    expect((await iterator.next()).value).toMatchObject({ epoch: 5 });
  });

  it("gives the terminal snapshot once to who comes after the end", async () => {
    const rig = new Rig();
    const last = rig.publish({ phase: "unrecoverable" });
    const seen: LifecycleSnapshot[] = [];
    for await (const snapshot of rig.watch) seen.push(snapshot);
    expect(seen).toEqual([last]);
  });

  it("serves several readers, each at its own pace", async () => {
    const rig = new Rig();
    const one = rig.watch[Symbol.asyncIterator]();
    const other = rig.watch[Symbol.asyncIterator]();
    await one.next();
    await other.next();
    rig.publish({ attempts: 1 });
    expect((await one.next()).value).toMatchObject({ attempts: 1 });
    rig.publish({ attempts: 2 });
    expect((await one.next()).value).toMatchObject({ attempts: 2 });
    expect((await other.next()).value).toMatchObject({ attempts: 2 });
  });
});

describe("LifecycleWatch, isFresh()", () => {
  function fresh(phase: Phase, ageMs: number | undefined, maxAgeMs: number): boolean {
    const rig = new Rig();
    rig.publish({ phase, epoch: 2 });
    rig.readAgeMs = (epoch) => (epoch === 2 ? ageMs : undefined);
    return rig.watch.isFresh(maxAgeMs);
  }

  it.each([
    ["connected", true],
    ["resumed", true],
    ["connecting", false],
    ["stale", false],
    ["reconnecting", false],
    ["unrecoverable", false],
    ["closed", false],
  ] as const)("in phase %s with new data: %s", (phase, expected) => {
    expect(fresh(phase, 0, 100)).toBe(expected);
  });

  it.each([
    ["nothing was read of this epoch", undefined, Number.POSITIVE_INFINITY, false],
    ["data exactly as old as allowed", 100, 100, true],
    ["data a little older", 100.1, 100, false],
    ["data of this instant and no age allowed", 0, 0, true],
    ["any age allowed", 1_000, Number.POSITIVE_INFINITY, true],
    ["a negative age", 0, -1, false],
    ["an age that is no number", 0, Number.NaN, false],
  ])("%s: %s", (_, ageMs, maxAgeMs, expected) => {
    expect(fresh("connected", ageMs, maxAgeMs)).toBe(expected);
  });
});

describe("LifecycleWatch, what is published quietly", () => {
  function lose(rig: Rig, frames: number): LifecycleSnapshot {
    const { snapshot } = rig.watch;
    const next = { ...snapshot, totalLagged: snapshot.totalLagged + frames };
    rig.watch.publishQuietly(next);
    return next;
  }

  it("is read at once, and told when it is announced", async () => {
    const rig = new Rig();
    const seen = rig.publish({ phase: "connected", epoch: 1 });
    let calls = 0;
    rig.watch.subscribe(() => calls++);
    rig.spawn.drain();
    const waits = [watch(rig.watch.changed()), watch(rig.watch.changed({ since: seen }))];
    expect(lose(rig, 3)).toBe(rig.watch.snapshot);
    const late = watch(rig.watch.changed({ since: seen }));
    lose(rig, 2);
    rig.spawn.drain();
    await settle();
    expect([...waits, late].map(({ state }) => state)).toEqual(Array(3).fill("pending"));
    expect(calls).toBe(0);
    rig.watch.announce();
    rig.spawn.drain();
    await settle();
    expect([...waits, late].map(({ value }) => value)).toEqual([true, true, true]);
    expect(calls).toBe(1);
    rig.watch.announce();
    rig.spawn.drain();
    expect(calls).toBe(1);
  });

  it("leaves a reader waiting who has read it already", async () => {
    const rig = new Rig();
    const read = lose(rig, 1);
    const changed = watch(rig.watch.changed({ since: read }));
    rig.watch.announce();
    await settle();
    expect(changed.state).toBe("pending");
    rig.publish({ phase: "connected", epoch: 1 });
    await settle();
    expect(changed.value).toBe(true);
  });

  it("holds back no other change, neither an earlier nor a later one", async () => {
    const rig = new Rig();
    const missed = rig.watch.snapshot;
    rig.publish({ phase: "connected", epoch: 1 });
    lose(rig, 1);
    expect(await rig.watch.changed({ since: missed })).toBe(true);
    const waits = watch(rig.watch.changed());
    rig.publish({ phase: "closed" });
    await settle();
    expect(waits.value).toBe(false);
    expect(rig.watch.snapshot).toMatchObject({ phase: "closed", totalLagged: 1 });
  });
});
