import { createWorld } from "@oath-ws/testing";
import type { World } from "@oath-ws/testing";
import type { LifecycleSnapshot, ReceivedFrame, ReconnectingConnection } from "@oath-ws/contract";
import { INITIAL_SNAPSHOT, ReadHalf } from "@oath-ws/resilience";
import { expect, it } from "vitest";
import { fromRelay, relay } from "../src/index.js";
import { FakeEngine, FakeServer } from "../../../internal/simulate/src/relay/fake/fake-engine.js";

/** A connection whose frames the test pushes. */
function lineOf(world: World): {
  readonly connection: ReconnectingConnection;
  readonly push: (seq: number, text: string, epoch?: number) => void;
} {
  const frames: ReceivedFrame[] = [];
  const source = new ReadHalf<ReceivedFrame>({
    shift: () => frames.shift(),
    get size() {
      return frames.length;
    },
  });
  const snapshot: LifecycleSnapshot = {
    ...INITIAL_SNAPSHOT,
    phase: "connected",
    epoch: 1,
    attempts: 1,
    endpoint: "wss://venue:443",
  };
  const lifecycle = { snapshot, subscribe: () => () => undefined };
  return {
    // What a relay reads of a connection, and no more.
    connection: { sink: {}, source, lifecycle } as unknown as ReconnectingConnection,
    push: (seq, text, epoch = 1) => {
      const data = Buffer.from(text);
      const receivedAt = world.timer.now();
      const frame = { kind: "text", data, epoch, seq, receivedAt };
      frames.push(frame as unknown as ReceivedFrame);
      source.wake();
    },
  };
}

it("the relay relays the frames of a connection, its holes and its epochs, over a takeover", async () => {
  const world = createWorld();
  const server = new FakeServer(world.timer);
  const { timer, spawn, newId } = world;
  const start = (line: ReturnType<typeof lineOf>): ReturnType<typeof relay> => {
    const engine = new FakeEngine(server);
    return world.complete(relay(line.connection, { shard: "f", engine, timer, newId }));
  };
  const [one, other] = [lineOf(world), lineOf(world)];
  const owner = await start(one);
  await world.run(100);
  const standby = await start(other);
  const engine = new FakeEngine(server);
  const reader = await world.complete(fromRelay({ shard: "f", engine, timer, spawn, newId }));
  const read = (): string[] => {
    const texts: string[] = [];
    for (let frame = reader.source.take(); frame !== undefined; frame = reader.source.take())
      texts.push(`${frame.epoch}/${frame.seq} ${frame.text()}`);
    return texts;
  };
  expect(reader.topics).toEqual([]);
  await world.run(100);
  one.push(1, "a");
  one.push(2, "b");
  // Two were dropped by the buffer of the owner's connection.
  one.push(5, "e");
  await world.run(100);
  expect(read()).toEqual(["1/1 a", "1/2 b", "1/5 e"]);
  expect(reader.lifecycle.snapshot).toMatchObject({ phase: "connected", totalLagged: 2 });
  expect(reader.lifecycle.isFresh(200)).toBe(true);
  await world.run(300);
  expect(reader.lifecycle.isFresh(200)).toBe(false);
  expect(reader.stats()).toMatchObject({ totalReceivedFrames: 5, totalLaggedFrames: 2 });

  other.push(7, "what stood by is not told");
  await world.complete(owner.shutdown());
  await world.runUntil(() => standby.state.snapshot.state === "owning");
  await world.run(100);
  other.push(8, "f");
  await world.run(100);
  expect(read()).toEqual(["2/6 f"]);
  expect(reader.lifecycle.snapshot).toMatchObject({ phase: "resumed", epoch: 2 });
  await expect(reader.sink.send("x")).rejects.toMatchObject({ code: "RELAY_READ_ONLY" });
});
