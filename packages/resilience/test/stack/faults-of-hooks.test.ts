import type { TraceEvent } from "@oath-ws/contract";
import { accept } from "@oath-ws/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { Rig } from "./support/rig.js";

/** Hooks for callers without a compiler: `async` where that is not foreseen. */
const rejecting = (message: string) => async (): Promise<never> => {
  throw new Error(message);
};

function unhandled(): unknown[] {
  const reasons: unknown[] = [];
  const note = (reason: unknown): void => void reasons.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  return reasons;
}

/** Unhandled rejections are told after the microtasks. */
const afterMicrotasks = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a hook that returns a promise which rejects", () => {
  it("is told of as a fault, if it is a lifecycle listener or a classify", async () => {
    const reasons = unhandled();
    const rig = new Rig({
      config: { attempts: { max: 100 } },
      otherwise: accept(),
      classify: { classify: rejecting("of classify") as never },
    });
    const connection = await rig.up();
    const listener: () => unknown = rejecting("of the listener");
    connection.lifecycle.subscribe(listener);
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    await rig.world.settle();
    await afterMicrotasks();
    const told = rig.traced("fault").map(({ where, error }) => `${where}: ${String(error)}`);
    expect(told).toContain("classify: Error: of classify");
    expect(told).toContain("listener: Error: of the listener");
    expect(reasons).toEqual([]);
  });

  it.each([
    ["throws", (): never => fail()],
    ["rejects", async (): Promise<never> => fail()],
  ])("a tracer that %s is told of it once, and the connection goes on", async (_, trace) => {
    const reasons = unhandled();
    const events: TraceEvent[] = [];
    const rig = new Rig({
      config: { attempts: { max: 100 } },
      otherwise: accept(),
      onTrace: (event) => {
        events.push(event);
        return trace();
      },
    });
    const connection = await rig.up();
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    await rig.world.settle();
    await afterMicrotasks();
    expect(events.filter(({ kind }) => kind === "fault")).toEqual([
      expect.objectContaining({ where: "tracer", error: new Error("a broken tracer") }),
    ]);
    expect(reasons).toEqual([]);
  });
});

function fail(): never {
  throw new Error("a broken tracer");
}

it("the lifecycle that users get cannot publish, at run time either", async () => {
  const rig = new Rig();
  const { lifecycle } = await rig.up();
  const before = lifecycle.snapshot;
  for (let proto: object | null = lifecycle; proto !== null; proto = Reflect.getPrototypeOf(proto))
    for (const name of ["publish", "publishQuietly", "replace", "announce", "replaceQuietly"])
      expect(Object.hasOwn(proto, name)).toBe(false);
  expect(Object.values(lifecycle)).toEqual([]);
  expect(lifecycle.snapshot).toBe(before);
  expect([await lifecycle[Symbol.asyncIterator]().next()]).toEqual([
    { done: false, value: before },
  ]);
});
