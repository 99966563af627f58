import { Feed, LINK_TRANSITIONS } from "@oath-ws/venue-kit";
import { createWorld, MockConnector } from "@oath-ws/testing";
import { virtualRuntime } from "@oath-ws/testing/venue";
import { expect, it } from "vitest";
import { COMMANDS, RENEWAL } from "../support/feed-rig.js";
import { COUNTED, GRAMMAR, ToyVenue } from "../support/toy-venue.js";

it("a feed tells an observer how each renewal ends", async () => {
  const world = createWorld();
  const venue = new ToyVenue(world);
  const leaf = new MockConnector(world, { otherwise: () => venue.answer() });
  const ends: string[] = [];
  const feed = new Feed({
    runtime: { ...virtualRuntime({ world, leaf }), onRenewalEnd: (end) => void ends.push(end) },
    settings: {},
    handshake: { url: "wss://venue.example/feed", protocols: [], headers: {} },
    grammar: GRAMMAR,
    commands: COMMANDS,
    maxTopicsPerConnection: 100,
    renewal: RENEWAL,
  });
  const held = feed.subscribe("a", COUNTED);
  await world.runUntil(() => held.state.snapshot.phase === "live");
  const old = leaf.current;
  feed.renew();
  await world.runUntil(() => leaf.current !== old);
  leaf.current?.reset();
  await world.run(1);
  expect(ends).toEqual(["newDown"]);
  feed.renew();
  await world.run(RENEWAL.timeoutMs);
  expect(ends).toEqual(["newDown", "overlapped"]);
  await world.complete(feed.shutdown());
});

it("a feed tells an observer every step of a connection's table", async () => {
  const world = createWorld();
  const venue = new ToyVenue(world);
  const leaf = new MockConnector(world, { otherwise: () => venue.answer() });
  const steps: string[] = [];
  const feed = new Feed({
    runtime: {
      ...virtualRuntime({ world, leaf }),
      onLinkStep: (state, input) => {
        expect(LINK_TRANSITIONS[state]).toHaveProperty(input);
        steps.push(`${state} ${input}`);
      },
    },
    settings: {},
    handshake: { url: "wss://venue.example/feed", protocols: [], headers: {} },
    grammar: GRAMMAR,
    commands: COMMANDS,
    maxTopicsPerConnection: 100,
  });
  const held = feed.subscribe("a", COUNTED);
  await world.runUntil(() => held.state.snapshot.phase === "live");
  leaf.current?.reset();
  await world.run(5_000);
  await world.complete(feed.shutdown());
  expect(steps.slice(0, 3)).toEqual(["down up", "greeting greeted", "loggingIn loggedIn"]);
  expect(steps).toContain("ready down");
  expect(steps).toContain("ready shutdown");
  expect(steps).toContain("closing ended");
});
