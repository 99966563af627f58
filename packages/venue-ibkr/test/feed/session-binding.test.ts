import { createWorld } from "@oath-ws/testing";
import { RetryPause } from "@oath-ws/venue-kit";
import { expect, it } from "vitest";
import { CONFIRM_PAUSE, SessionBinding } from "../../src/feed/session-binding.js";
import type { SessionKeeper } from "../../src/session/session-keeper.js";
import { SessionWatch } from "../../src/session/session-watch.js";

/** A connection that was greeted, and the session that it was made for. */
function bound() {
  const world = createWorld();
  const { timer } = world;
  const state = new SessionWatch(timer.now());
  const given: string[] = [];
  let asked = 0;
  const session = { state, check: () => void asked++ } as unknown as SessionKeeper;
  const pause = new RetryPause(timer, world.random, CONFIRM_PAUSE);
  const giveUp = (reason: string): void => void given.push(reason);
  const tickled = (identities: number): void =>
    state.update({ phase: "ready", identities, tickledAt: timer.now() });
  tickled(1);
  const binding = new SessionBinding({ timer, session, pause, shown: 1, giveUp });
  binding.status(true);
  return { binding, given, run: (ms: number) => world.run(ms), tickled, asked: () => asked };
}

it("a connection on which the venue confirmed another session right before goes on", async () => {
  const { binding, given, run, tickled, asked } = bound();
  binding.status(true);
  expect(asked()).toBe(1);
  await run(1_000);
  tickled(2);
  await run(60_000);
  expect(given).toEqual([]);
  binding.end();
});

it("a connection ends when another session is named than was confirmed long ago", async () => {
  const { binding, given, run, tickled } = bound();
  binding.status(true);
  // Nothing could be asked meanwhile, as in a penalty box.
  await run(900_000);
  tickled(2);
  await run(60_000);
  expect(given).toEqual(["the venue has begun another session"]);
  binding.end();
});
