import { stack } from "@oath-ws/resilience";
import { describe, expect, it } from "vitest";
import { accept, acceptThenClose, refuse } from "../src/dial-step.js";
import { MockConnector } from "../src/mock-connector.js";
import type { MockDial } from "../src/mock-connector.js";
import type { DialStep } from "../src/dial-step.js";
import { createWorld } from "../src/world.js";

const DAY_MS = 86_400_000;

/** A day on a feed that fails in every way, and what could be counted at its end. */
async function dayOfOutages(
  seed: number,
  shuffleTurns: boolean,
): Promise<Record<string, number | string | undefined>> {
  const world = createWorld({ seed, shuffleTurns });
  const weather = world.random.fork();
  let sent = 0;
  const server = (dial: MockDial): DialStep => {
    const luck = weather.int(10);
    if (luck === 0) return refuse({ status: 503, retryAfterMs: 5000 });
    if (luck === 1) return refuse({ code: "ECONNREFUSED" }, { afterMs: 3 });
    if (luck === 2) return { kind: "hang" };
    if (luck === 3) return acceptThenClose(1012, "restart");
    return accept({
      afterMs: 20,
      onAccept: (peer) => {
        const feed = (): void => {
          if (!peer.isOpen) return;
          if (peer.text(`tick ${dial.index}`)) sent++;
          world.timer.scheduleArrival(2000 + weather.int(2000), feed);
        };
        feed();
        world.timer.scheduleArrival(60_000 + weather.int(600_000), () => {
          const end = weather.int(3);
          if (end === 0) peer.reset();
          else if (end === 1) peer.close(1001, "renewal");
          else peer.goSilent();
        });
      },
    });
  };
  const leaf = new MockConnector(world, { otherwise: server });
  const { timer, spawn, random, newId } = world;
  const connector = stack({ leaf, timer, spawn, random, newId });
  const connection = await world.complete(
    connector.connect({ url: "wss://venue.test/", protocols: [], headers: {} }),
  );
  let received = 0;
  let lastSeq = 0;
  const reader = (async () => {
    for await (const frame of connection.source) {
      received++;
      lastSeq = frame.seq;
    }
  })();
  await world.run(DAY_MS);
  await world.complete(connection.control.shutdown());
  await world.complete(reader);
  const { epoch, attempts, totalLagged, phase } = connection.lifecycle.snapshot;
  // What was sent into a silence never arrived; everything else was delivered.
  expect(received).toBeLessThanOrEqual(sent);
  expect([lastSeq, totalLagged, phase]).toEqual([received, 0, "closed"]);
  expect(leaf.dials.length).toBe(attempts);
  expect(leaf.maxOpenSockets).toBe(1);
  expect([leaf.openSockets, spawn.liveCount]).toEqual([0, 0]);
  return { epoch, attempts, received, sent, random: String(random) };
}

describe("the resilience stack", () => {
  it("lives through a day of outages in virtual time", async () => {
    const day = await dayOfOutages(11, false);
    expect(day["epoch"]).toBeGreaterThan(100);
    expect(day["attempts"]).toBeGreaterThan(Number(day["epoch"]));
    expect(day["received"]).toBeGreaterThan(10_000);
  });

  it("does the same again with the same seed, also with shuffled turns", async () => {
    expect(await dayOfOutages(5, true)).toEqual(await dayOfOutages(5, true));
  });
});
