// The examples of docs/howto/test-in-virtual-time.md. test/docs.test.ts compares the two.
// #region rig
import type { ReconnectingConnection } from "@oath-ws/contract";
import { stack } from "@oath-ws/resilience";
import type { PartialConfig } from "@oath-ws/resilience";
import { accept, createWorld, hang, MockConnector, refuse } from "@oath-ws/testing";
import type { MockPeer, World } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { QuoteFeed } from "./quote-feed.js";

interface Rig {
  readonly world: World;
  readonly leaf: MockConnector;
  readonly connection: ReconnectingConnection;
}

/** The stack over a venue that answers each subscription with a quote. */
async function open(config: PartialConfig = {}, seed = 1): Promise<Rig> {
  const world = createWorld({ seed });
  const venue = (peer: MockPeer): void => {
    peer.onFrame((frame) => {
      if (frame.kind === "text") peer.text("BTC 100");
    });
  };
  const leaf = new MockConnector(world, { otherwise: accept({ afterMs: 20, onAccept: venue }) });
  const { timer, spawn, random, newId } = world;
  const connector = stack({ leaf, config, timer, spawn, random, newId });
  const handshake = { url: "wss://venue.test/feed", protocols: [], headers: {} };
  return { world, leaf, connection: await world.complete(connector.connect(handshake)) };
}
// #endregion

// #region drop
it("the feed subscribes again after a drop, and trusts nothing until the first quote", async () => {
  const { world, leaf, connection } = await open();
  const feed = new QuoteFeed(connection);
  const running = feed.run();
  await world.runUntil(() => feed.trusted);

  leaf.current?.reset();
  await world.settle(); // no time passes: the drop must be seen at once
  expect(feed.trusted).toBe(false);

  await world.runUntil(() => feed.trusted, 5_000); // a bound in virtual time
  expect(leaf.peers.map((peer) => peer.receivedTexts)).toEqual([
    ["subscribe BTC"],
    ["subscribe BTC"],
  ]);

  await world.complete(connection.control.shutdown());
  await world.complete(running);
});
// #endregion

// #region silence
it("the feed stops trusting a silent feed, and leaves it when nothing answers", async () => {
  const { world, leaf, connection } = await open();
  const feed = new QuoteFeed(connection);
  void feed.run();
  await world.runUntil(() => feed.trusted);

  leaf.current?.goSilent(); // half-open: sends succeed, nothing arrives, no error is told
  await world.run(10_000); // liveness.staleAfterMs
  expect(connection.lifecycle.snapshot.phase).toBe("stale");
  expect(feed.trusted).toBe(false);

  await world.run(5_000); // up to liveness.deadAfterMs
  expect(connection.lifecycle.snapshot).toMatchObject({
    phase: "reconnecting",
    cause: { code: "PEER_SILENT" },
  });
});
// #endregion

// #region refusals
it("the stack stays away for as long as a 429 asks, and gets out of a dial that hangs", async () => {
  const { world, leaf, connection } = await open();
  leaf.enqueue(refuse({ status: 429, retryAfterMs: 60_000 }), hang());
  leaf.current?.close(1012, "restart");

  await world.runUntil(() => connection.lifecycle.snapshot.epoch === 2);
  const [refused, hung] = leaf.dials.slice(1);
  expect(refused).toMatchObject({ outcome: "refused" });
  expect(hung).toMatchObject({ outcome: "aborted" }); // by connect.timeoutMs
  expect(hung!.at - refused!.settledAt!).toBeGreaterThanOrEqual(60_000);
  expect(leaf.maxOpenSockets).toBe(1);
});
// #endregion

// #region slow
it("the stack counts what a slow consumer missed", async () => {
  const { world, leaf, connection } = await open({ buffer: { maxFrames: 10 } });
  const slow = (async () => {
    const seen: number[] = [];
    for await (const frame of connection.source) {
      seen.push(frame.seq);
      await world.delay(100); // a pause in virtual time
    }
    return seen;
  })();

  for (let quote = 1; quote <= 50; quote++) leaf.current?.text(`BTC ${quote}`);
  await world.run(10_000);
  await world.complete(connection.control.shutdown());

  const seen = await slow;
  const { totalLagged } = connection.lifecycle.snapshot;
  expect(totalLagged).toBeGreaterThan(0);
  expect(seen.length + totalLagged).toBe(50); // delivered or counted, and nothing else
  expect(seen.at(-1)).toBe(50); // the oldest went first
});
// #endregion

// #region stall
it("the stack does not blame the peer for our own blocked event loop", async () => {
  const { world, leaf, connection } = await open();
  // Arrives while no code of ours runs.
  world.timer.scheduleArrival(1_000, () => leaf.current?.text("BTC 101"));

  await world.stall(60_000);
  expect(connection.lifecycle.snapshot).toMatchObject({
    phase: "connected",
    epoch: 1,
    staleCount: 0,
  });
});
// #endregion

// #region seeds
it.each([1, 2, 3, 4, 5])(
  "the feed ends up trusting the feed after random faults (seed %i)",
  async (seed) => {
    const { world, leaf, connection } = await open({}, seed);
    const feed = new QuoteFeed(connection);
    void feed.run();
    // A generator of its own: the stack's jitter stays as it is.
    const weather = world.random.fork();

    for (let hour = 0; hour < 24; hour++) {
      await world.run(weather.int(3_600_000));
      if (weather.int(2) === 0) leaf.current?.reset();
      else leaf.current?.goSilent();
    }
    await world.runUntil(() => feed.trusted);
    expect(leaf.maxOpenSockets).toBe(1);
  },
);
// #endregion
