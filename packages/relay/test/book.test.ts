import { createWorld } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { fromRelay, relay } from "../src/index.js";
import { fakeBook } from "../../../internal/simulate/src/relay/fake/fake-book.js";
import { FakeEngine, FakeServer } from "../../../internal/simulate/src/relay/fake/fake-engine.js";
import { BOOK_TOPIC, FakeFeed } from "../../../internal/simulate/src/relay/fake/fake-feed.js";
import { bookText, SourceBook } from "../../../internal/simulate/src/relay/source-book.js";
import type { OrderBook } from "@oath-ws/venue-kit";

async function scene() {
  const world = createWorld();
  const server = new FakeServer(world.timer);
  const { timer, spawn, newId } = world;
  const source = new SourceBook();
  const feed = new FakeFeed(timer, "line");
  const book = fakeBook(feed, timer, "b", () => feed.push(BOOK_TOPIC, source.image()));
  const engine = new FakeEngine(server);
  await world.complete(relay(feed, { shard: "s", books: { b: book }, engine, timer, newId }));
  const run = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 50) {
      feed.push(BOOK_TOPIC, source.move());
      await world.run(50);
    }
  };
  const read = async () => {
    const line = await world.complete(
      fromRelay({ shard: "s", engine: new FakeEngine(server), timer, spawn, newId }),
    );
    return { line, book: line.book("b") };
  };
  const isEqual = (theirs: OrderBook): boolean => {
    const [bids, asks] = [theirs.bids, theirs.asks].map((side) =>
      side.map(({ price, quantity }) => [price, quantity] as const),
    );
    return bookText(bids ?? [], asks ?? []) === source.at(theirs.updateId ?? -1);
  };
  return { world, server, source, run, read, isEqual, relayEngine: engine };
}

it("a relayed book does not go back when the engine forgets", async () => {
  const { world, server, source, run, read, isEqual } = await scene();
  await run(5_000);
  const { book } = await read();
  await run(5_000);
  expect([book.state.snapshot.phase, book.updateId]).toEqual(["live", source.updateId]);
  const store = server.save();
  await run(500);
  server.kill();
  server.restore(store);
  // Few changes follow: more would write over every level that went back.
  await world.run(2_000);
  server.start();
  // The next image comes after 10 s at most.
  for (let i = 0; i < 240; i++) {
    await run(50);
    if (book.state.snapshot.phase === "live") expect(isEqual(book)).toBe(true);
  }
  expect([book.state.snapshot.phase, book.updateId]).toEqual(["live", source.updateId]);
});

it("a relayed book is not fresh by an image from before its reader, and is by what comes", async () => {
  const { world, relayEngine, run, read } = await scene();
  await run(2_000);
  relayEngine.cut();
  await world.run(60_000);
  const { book } = await read();
  await world.run(100);
  expect(book.size).toBeGreaterThan(0);
  expect(book.isFresh(30_000)).toBe(false);
  relayEngine.mend();
  await run(10_000);
  expect([book.state.snapshot.phase, book.isFresh(500)]).toEqual(["live", true]);
});
