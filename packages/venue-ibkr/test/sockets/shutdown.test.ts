import { describe, expect, it } from "vitest";
import type { IbkrClient, SessionKeeper } from "@oath-ws/venue-ibkr";
import {
  live,
  openClient,
  openSession,
  QUICK,
  recovering,
  startVenue,
  until,
} from "../support/venue.js";
import type { IbkrSim } from "../support/venue.js";

type Moment = (sim: IbkrSim, client: IbkrClient, session: SessionKeeper) => Promise<unknown>;

const well: Moment = (sim) =>
  sim.waitFor(({ subscriptions }) => subscriptions[0]?.topics.length === 4);

/** Where a client is when it is shut down. */
const MOMENTS: Readonly<Record<string, Moment>> = {
  "before anything was asked": async () => undefined,
  "while it dials": (sim) => sim.waitFor(({ requests }) => requests.length > 0),
  "while it waits for the greeting": (sim) => sim.waitFor(({ accepted }) => accepted === 1),
  "when all is well": well,
  "while it is mute": async (sim, ...rest) => {
    await well(sim, ...rest);
    sim.faults.mute();
  },
  "on a half-open socket": async (sim, ...rest) => {
    await well(sim, ...rest);
    sim.faults.halfOpen();
  },
  "while it reconnects": async (sim, ...rest) => {
    await well(sim, ...rest);
    sim.faults.refuse({ status: 503, count: 1_000 });
    sim.faults.dropConnections();
    await sim.waitFor(({ refused }) => refused > 1);
  },
  "while the session is repaired": async (sim, client, session) => {
    await well(sim, client, session);
    sim.faults.failRequests(500, 1_000, "/iserver/auth/ssodh/init");
    sim.faults.loseSession();
    await until(session.state, ({ repairs }) => repairs > 1);
  },
  "while another platform has the session": async (sim, client, session) => {
    await well(sim, client, session);
    sim.faults.compete();
    await until(session.state, ({ phase }) => phase === "competing");
  },
  "after the login ended": async (sim, client, session) => {
    await well(sim, client, session);
    sim.faults.loginExpires();
    await until(session.state, ({ phase }) => phase === "login-required");
  },
  "in the penalty box": async (sim, client, session) => {
    await well(sim, client, session);
    sim.faults.penaltyBox(60_000);
    await until(session.state, ({ penalties }) => penalties === 1);
    sim.faults.dropConnections();
  },
  "while orders are reconciled": async (sim, client, session) => {
    await well(sim, client, session);
    sim.faults.failRequests(500, 1_000, "/iserver/accounts");
    await sim.waitFor(({ requests }) =>
      requests.some(({ path, status }) => path === "/iserver/accounts" && status === 500),
    );
  },
  "right after a break": async (sim, client, session) => {
    await well(sim, client, session);
    const quotes = client.subscribe("smd+265598");
    await until(quotes.state, live);
    const broke = until(quotes.state, recovering);
    sim.faults.cut();
    await broke;
  },
};

describe("shutting a client down, and its session", () => {
  it.each(Object.keys(MOMENTS))("ends every topic: %s", async (moment) => {
    const sim = await startVenue();
    if (moment === "while orders are reconciled")
      sim.faults.failRequests(500, 1, "/iserver/accounts");
    const session = openSession(sim, { tickleEveryMs: 50, penaltyMs: 60_000 });
    const client = openClient(sim, session, { config: { ...QUICK, shutdown: { timeoutMs: 200 } } });
    const quotes = client.subscribe("smd+265598");
    const trades = client.subscribe("str");
    const profit = client.subscribe("spl");
    const orders = client.orderStream();
    await MOMENTS[moment]?.(sim, client, session);
    await client.shutdown();
    await client.shutdown();
    await session.shutdown();
    await session.shutdown();
    const ends = [quotes, trades, profit, orders].map(async (source) => {
      while (await source.readable()) source.take();
    });
    const failed = moment === "after the login ended";
    for (const end of await Promise.allSettled(ends)) {
      expect(end).toMatchObject(
        failed
          ? { status: "rejected", reason: { code: "LOGIN_REQUIRED" } }
          : { status: "fulfilled" },
      );
    }
    for (const { state } of [quotes, trades, profit, orders])
      expect(state.snapshot.phase).toBe(failed ? "failed" : "closed");
    expect(client.topics).toEqual([]);
    expect(session.state.snapshot.phase).toBe("closed");
    expect(await session.state.changed()).toBe(false);
    await expect(session.request({ method: "GET", path: "/tickle" })).rejects.toMatchObject({
      code: "SHUT_DOWN",
    });
    await expect(
      session.authorize({ url: sim.wsUrl, protocols: [], headers: {} }),
    ).rejects.toMatchObject({ code: "SHUT_DOWN" });
    if (moment !== "on a half-open socket") await sim.waitFor(({ open }) => open === 0);
  });

  it("the session first fails the client's topics", async () => {
    const sim = await startVenue();
    const session = openSession(sim);
    const client = openClient(sim, session);
    const quotes = client.subscribe("smd+265598");
    await until(quotes.state, ({ phase }) => phase === "live");
    await session.shutdown();
    await until(quotes.state, ({ phase }) => phase === "failed");
    await sim.waitFor(({ open }) => open === 0);
  });
});
