import { createWorld } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { fromRelay, relay, relayGate } from "../src/index.js";
import { FakeEngine, FakeServer } from "../../../internal/simulate/src/relay/fake/fake-engine.js";

const JUNK: readonly unknown[] = [undefined, null, 5, "text", [], () => 1];

const FEED = { subscribe: () => undefined, connections: [] };

/** Anything, for callers without a compiler. */
function any(value: unknown): never {
  return value as never;
}

function engine(): FakeEngine {
  return new FakeEngine(new FakeServer(createWorld().timer));
}

/** An error that names this option. */
function invalid(path: string): unknown {
  const named: unknown = expect.objectContaining({
    path: expect.stringMatching(`^${path}(\\.|$)`) as unknown,
  });
  const issues = expect.arrayContaining([named]) as unknown;
  return expect.objectContaining({ name: "ConfigError", issues });
}

describe("what a relay is given wrongly", () => {
  it.each(JUNK.map((value) => [value]))(
    "is named when it is in the place of options: %j",
    async (value) => {
      await expect(fromRelay(any(value))).rejects.toEqual(invalid("options"));
      await expect(relay(any(FEED), any(value))).rejects.toEqual(invalid("options"));
      await expect(relayGate(any(value))).rejects.toEqual(invalid("options"));
      const options = { shard: "s", topics: ["a"], engine: engine() };
      await expect(relay(any(value), options)).rejects.toEqual(invalid("source"));
    },
  );

  it.each<[string, unknown]>([
    ["engine", {}],
    ["engine", 5],
    ["timer", { now: () => 0 }],
    ["spawn", () => undefined],
    ["newId", "id"],
    ["signal", { aborted: false }],
    ["buffer", 5],
    ["buffer", { maxFrames: 0 }],
    ["onFault", "print"],
    ["form", 1],
  ])("is named when it is the option %s of a reader: %j", async (name, value) => {
    const own = engine();
    const options = { shard: "s", engine: own, [name]: value };
    await expect(fromRelay(any(options))).rejects.toEqual(invalid(name));
    // Nothing was begun.
    expect(own.isClosed).toBe(false);
  });

  it.each<[string, unknown]>([
    ["topics", "a"],
    ["topics", ["a", 5]],
    ["topics", ["a", "a"]],
    ["books", ["a"]],
    ["books", { a: 5 }],
    ["leaseMs", -1],
    ["markMs", Number.NaN],
    ["maxBytes", "64"],
    ["stream", { replicas: 9 }],
    ["engine", {}],
  ])("is named when it is the option %s of an owner: %j", async (name, value) => {
    const options = { shard: "s", topics: ["a"], engine: engine(), [name]: value };
    await expect(relay(any(FEED), any(options))).rejects.toEqual(invalid(name));
  });
});
