// A test of a strategy in virtual time, with Node's own runner: `node --test` takes milliseconds
// for the minutes that pass here.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReconnectingConnection } from "oath-ws";
import { stack } from "@oath-ws/resilience";
import { createWorld, MockConnector, refuse } from "@oath-ws/testing";

/** The strategy under test: it holds a quote in the market only while its prices are fresh. */
class Quoter {
  readonly actions: string[] = [];
  #isQuoting = false;

  /** Called by the program ten times a second. */
  tick(feed: ReconnectingConnection): void {
    while (feed.source.take() !== undefined); // the last price counts
    const shouldQuote = feed.lifecycle.isFresh(2_000);
    if (shouldQuote === this.#isQuoting) return;
    this.#isQuoting = shouldQuote;
    this.actions.push(shouldQuote ? "quote" : "cancel");
  }
}

void test("quotes are cancelled in an outage, and come back with the next price", async () => {
  const world = createWorld({ seed: 1 });
  const { timer, spawn, random, newId } = world;
  const venue = new MockConnector(world);
  const connector = stack({ leaf: venue, timer, spawn, random, newId });
  const handshake = { url: "wss://venue.test/feed", protocols: [], headers: {} };
  const feed = await world.complete(connector.connect(handshake));
  const quoter = new Quoter();
  const beat = (): void => {
    quoter.tick(feed);
    timer.schedule(100, beat);
  };
  beat();

  venue.current?.text("100.5");
  await world.run(1_000);
  assert.deepEqual(quoter.actions, ["quote"]);

  venue.enqueue(refuse({ status: 503 })); // the first attempt to come back fails
  venue.current?.reset();
  await world.run(100);
  assert.deepEqual(quoter.actions, ["quote", "cancel"]); // at once, not after two seconds

  await world.runUntil(() => feed.lifecycle.snapshot.phase === "resumed", 60_000);
  await world.run(1_000);
  assert.deepEqual(quoter.actions, ["quote", "cancel"]); // up again, and no price yet
  venue.current?.text("101.0");
  await world.run(100);
  assert.deepEqual(quoter.actions, ["quote", "cancel", "quote"]);
});
