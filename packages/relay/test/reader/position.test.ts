import { describe, expect, it, vi } from "vitest";
import { fromRelay } from "../../src/index.js";
import type { RelayConnection, RelayPosition } from "../../src/index.js";
import { FakeEngine } from "../../../../internal/simulate/src/relay/fake/fake-engine.js";
import { Scene, TOPICS } from "../support/scene.js";

const GOOD: RelayPosition = {
  version: 1,
  shard: "s",
  seq: 12,
  owner: "3/line",
  item: 40,
  topics: TOPICS.map((name) => ({ name, item: 7, owner: "3/line", id: 70 })),
};

const [FIRST, ...OTHERS] = GOOD.topics;

/** Each fault, and what names it. */
const FAULTS: readonly (readonly [string, unknown, string])[] = [
  ["text that was not parsed", JSON.stringify(GOOD), "after: must be the object"],
  ["null", null, "after: must be the object"],
  ["a number", 12, "after: must be the object"],
  ["a list", [GOOD], "after.version: is missing"],
  ["an empty object", {}, "after.version: is missing"],
  [
    "an older shape",
    { seq: 12, owner: "3/line", item: 40, topics: [] },
    "after.version: is missing",
  ],
  ["a later version", { ...GOOD, version: 2 }, "after.version: is 2, and this release reads 1"],
  ["another shard", { ...GOOD, shard: "t" }, 'after.shard: is "t", and this reader is of "s"'],
  ["no shard", { ...GOOD, shard: undefined }, "after.shard"],
  ["no place", { ...GOOD, seq: undefined }, "after.seq"],
  ["a place before the first", { ...GOOD, seq: 0 }, "after.seq"],
  ["a place that is no whole number", { ...GOOD, seq: 1.5 }, "after.seq"],
  ["a place that is no number", { ...GOOD, seq: Number.NaN }, "after.seq"],
  ["a place as text", { ...GOOD, seq: "12" }, "after.seq"],
  ["an owner without a term", { ...GOOD, owner: "line" }, "after.owner"],
  ["an item below 0", { ...GOOD, item: -1 }, "after.item"],
  ["no topics", { ...GOOD, topics: undefined }, "after.topics: must be a list"],
  ["a topic that is null", { ...GOOD, topics: [null, ...OTHERS] }, "after.topics[0]"],
  ["a topic without a name", topic({ name: undefined }), "after.topics[0].name"],
  ["a topic whose item is text", topic({ item: "7" }), "after.topics[0].item"],
  ["a topic whose owner has no term", topic({ owner: "x" }), "after.topics[0].owner"],
  ["a topic whose id is text", topic({ id: "70" }), "after.topics[0].id"],
];

function topic(fields: object): unknown {
  return { ...GOOD, topics: [{ ...FIRST, ...fields }, ...OTHERS] };
}

/** A reader that goes on at a place, and its engine. */
function going(
  scene: Scene,
  after: unknown,
): { readonly engine: FakeEngine; readonly line: Promise<RelayConnection> } {
  const engine = new FakeEngine(scene.server);
  const { timer, spawn, newId } = scene.world;
  const options = { shard: "s", engine, timer, spawn, newId, after: after as RelayPosition };
  return { engine, line: scene.world.complete(fromRelay(options)) };
}

describe("a stored position of a relay's reader", () => {
  it.each(FAULTS)("is refused before anything is read: %s", async (_, after, message) => {
    const ends = vi.spyOn(FakeEngine.prototype, "ends");
    await expect(going(new Scene(), after).line).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringContaining(message) as unknown,
    });
    expect(ends).not.toHaveBeenCalled();
    ends.mockRestore();
  });

  it("is told with everything that is wrong with it", async () => {
    const { line } = going(new Scene(), { ...GOOD, seq: -1, item: "x" });
    await expect(line).rejects.toMatchObject({
      issues: [{ path: "after.seq" }, { path: "after.item" }],
    });
  });

  it("survives the way through a file as JSON", async () => {
    const scene = new Scene();
    await scene.start();
    await scene.run(500);
    const reader = await scene.audited();
    await scene.run(1_000, reader);
    const { position } = reader.line;
    expect(position).toMatchObject({ version: 1, shard: "s" });
    expect(position?.topics.map(({ name }) => name)).toEqual(TOPICS);
    const { line } = await scene.read(JSON.parse(JSON.stringify(position)) as RelayPosition);
    expect(line.topics).toEqual(TOPICS);
  });

  it.each([
    ["other topics", ["a", "b", "c", "y"]],
    ["fewer topics", ["a", "b"]],
    ["the same topics in another order", ["b", "a", "c", "x"]],
    ["no topics", []],
  ])("is refused by a relay of the same name, when it is of %s", async (_, names) => {
    const scene = new Scene();
    await scene.start();
    await scene.run(500);
    const topics = names.map((name) => ({ ...FIRST, name }));
    const { engine, line } = going(scene, { ...GOOD, topics });
    await expect(line).rejects.toMatchObject({
      code: "RELAY_POSITION_DIFFERS",
      kind: "client",
    });
    expect(engine.isClosed).toBe(true);
  });

  it("goes on at the end of the stream when it was taken before anything was read", async () => {
    const scene = new Scene();
    const first = await scene.start();
    await scene.run(2_000);
    await scene.world.complete(first.running.shutdown());
    first.isAlive = false;
    await scene.start();
    await scene.run(2_000);
    const { lastSeq } = scene.server;
    const { line } = await scene.read();
    expect(line.position).toMatchObject({ seq: lastSeq });
    const stored = line.position;
    await line.control.shutdown();
    const before = new Map(scene.ids);
    const again = await scene.read(stored);
    const topics = TOPICS.map((name) => again.line.subscribe<{ readonly id: number }>(name));
    await scene.run(1_000);
    expect(topics.map((each) => each.take()?.data.id)).toEqual(
      TOPICS.map((name) => (before.get(name) ?? 0) + 1),
    );
  });
});
