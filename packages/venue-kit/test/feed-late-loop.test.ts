import { RecoveryGate } from "@oath-ws/venue-kit";
import { createWorld } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { FeedRig, RENEWAL } from "./support/feed-rig.js";

/** Longer than every deadline of the rig, which are 5 s. */
const BLOCKED_MS = 6_000;
/** The answer is in the socket before the deadline, and is read after the timers that are late. */
const UNDER_WAY_MS = 4_000;

function slowRig(options: ConstructorParameters<typeof FeedRig>[0] = {}): FeedRig {
  const rig = new FeedRig(options);
  rig.venue.onSeat = (seat) => {
    seat.delayMs = UNDER_WAY_MS;
  };
  return rig;
}

describe("an answer that lies in the socket while our loop is blocked past its deadline", () => {
  it("counts, of a command", async () => {
    const rig = slowRig();
    const a = rig.subscribe("a");
    await rig.world.runUntil(() => rig.venue.seats[0]?.commands.length === 1);
    await rig.world.stall(BLOCKED_MS);
    expect([a.state.snapshot.phase, rig.venue.seat.commands]).toEqual(["live", ["sub a"]]);
    await rig.end();
  });

  it("counts, of a query", async () => {
    const rig = slowRig();
    const a = rig.subscribe("a");
    await rig.until("live", a);
    const asked = rig.feed.query((id) => JSON.stringify({ ask: id, about: "balance" }));
    await rig.world.run(100);
    await rig.world.stall(BLOCKED_MS);
    await expect(asked).resolves.toEqual(["balance"]);
    await rig.end();
  });

  it("counts, of a login and of a keepalive, which are then not tried again", async () => {
    const failed: string[] = [];
    const ask = (about: string) => (id: number) => JSON.stringify({ ask: id, about });
    const rig = slowRig({
      login: { run: async (context) => void (await context.ask(ask("login"))), classify },
      keepalive: {
        everyMs: 20_000,
        run: async (asks) => void (await asks(ask("alive"))),
        classify,
      },
      onFault: (error) => failed.push(String(error)),
    });
    const a = rig.subscribe("a");
    const { seats } = rig.venue;
    await rig.world.runUntil(() => seats[0]?.commands.includes("ask login") === true);
    await rig.world.stall(BLOCKED_MS);
    await rig.until("live", a);
    await rig.world.runUntil(() => seats[0]?.commands.includes("ask alive") === true);
    await rig.world.stall(BLOCKED_MS);
    await rig.world.run(10_000);
    expect([failed, seats.map(({ commands }) => commands)]).toEqual([
      [],
      [["ask login", "sub a", "ask alive"]],
    ]);
    await rig.end();
  });

  it("counts, of the connection that renews another", async () => {
    const rig = slowRig({ renewal: { ...RENEWAL, afterMs: 60_000, timeoutMs: 5_000 } });
    const a = rig.subscribe("a");
    await rig.until("live", a);
    await rig.world.runUntil(() => rig.venue.seats[1]?.commands.length === 1);
    await rig.world.stall(BLOCKED_MS);
    await rig.world.run(10_000);
    expect(rig.venue.seats.map(({ peer }) => peer.isOpen)).toEqual([false, true]);
    await rig.end();
  });

  it("counts, of a reconciliation", async () => {
    const world = createWorld();
    const log: string[] = [];
    const gate = new RecoveryGate<number>({
      timer: world.timer,
      random: world.random,
      reconcile: () =>
        new Promise((resolve) => void world.timer.scheduleArrival(UNDER_WAY_MS, resolve)),
      timeoutMs: 5_000,
      deliver: () => undefined,
      onLive: () => log.push("live"),
      onFailure: (error) => {
        log.push(String(error));
        return "retry";
      },
      maxHeld: 1,
      retry: { minMs: 1_000, maxMs: 4_000 },
    });
    gate.recover(1, "start");
    await world.stall(BLOCKED_MS);
    expect(log).toEqual(["live"]);
  });
});

function classify(): "transient" {
  return "transient";
}
