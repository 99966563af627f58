import { createWorld } from "@oath-ws/testing";
import { expect, it } from "vitest";
import { HeartbeatLogin } from "../../src/feed/heartbeat-login.js";

it("a confirmation that lies in the socket while our loop is blocked counts", async () => {
  const world = createWorld();
  const reasons: string[] = [];
  const login = new HeartbeatLogin({
    timer: world.timer,
    answerWithinMs: () => 10_000,
    begin: () => undefined,
    ask: () => "",
    forget: () => undefined,
    giveUp: (reason) => reasons.push(reason),
  });
  const ask = (): Promise<void> =>
    new Promise((resolve) => void world.timer.scheduleArrival(9_000, resolve));
  const run = login.run({ ask, attempt: 1 });
  await world.stall(11_000);
  await world.complete(run);
  expect(reasons).toEqual([]);
});
