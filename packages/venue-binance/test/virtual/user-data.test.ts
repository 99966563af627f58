import { BinanceUserData } from "@oath-ws/venue-binance";
import type { UserDataOptions } from "@oath-ws/venue-binance";
import type { FetchAnswer } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import { VirtualVenue } from "../support/virtual-venue.js";
import type { Answer } from "../support/virtual-venue.js";

function response(body: unknown, status = 200): FetchAnswer {
  return { status, headers: {}, cookies: [], body: JSON.stringify(body) };
}

const ACCEPT: Answer = () => ({ status: 200, result: { subscriptionId: 0 } });
const refused =
  (code: number, status = 400): Answer =>
  () => ({ status, error: { code, msg: "no" } });

function venueWith(answer: Answer): VirtualVenue {
  const venue = new VirtualVenue();
  venue.answer = answer;
  venue.rest = (url) =>
    Promise.resolve(response(url.includes("openOrders") ? [] : { balances: [] }));
  return venue;
}

function openUser(venue: VirtualVenue, options: Partial<UserDataOptions> = {}): BinanceUserData {
  return new BinanceUserData({
    runtime: venue.runtime,
    credentials: { apiKey: "k", sign: () => "s" },
    ...options,
  });
}

function kinds(user: BinanceUserData): string[] {
  const seen: string[] = [];
  for (let update = user.take(); update !== undefined; update = user.take()) {
    seen.push(
      update.data.kind === "event" ? update.data.event.e : `snapshot:${update.data.reason}`,
    );
  }
  return seen;
}

const EVENT = JSON.stringify({
  subscriptionId: 0,
  event: { e: "balanceUpdate", E: 1, a: "BTC", d: "1", T: 1 },
});

describe("an event that the venue sends twice on one connection", () => {
  const report = (I: number, X = "NEW") => ({ e: "executionReport", E: 1, i: 7, I, X, z: "0" });
  const position = (f: string) => ({
    e: "outboundAccountPosition",
    E: 1,
    u: 1,
    B: [{ a: "BTC", f }],
  });

  /** What is delivered of these, as text. */
  async function delivered(...events: readonly object[]): Promise<readonly string[]> {
    const venue = venueWith(ACCEPT);
    const user = openUser(venue);
    await venue.world.run(60_000);
    const seen: string[] = [];
    for (const event of events) {
      venue.leaf.current?.text(JSON.stringify({ subscriptionId: 0, event }));
      await venue.world.run(10);
    }
    for (let update = user.take(); update !== undefined; update = user.take())
      if (update.data.kind === "event") seen.push(JSON.stringify(update.data.event));
    await venue.world.complete(user.shutdown());
    return seen;
  }

  it("is delivered once when it reports an execution, also with others in between", async () => {
    const events = [report(1), position("2"), report(2, "FILLED"), report(1), report(2, "FILLED")];
    expect(await delivered(...events)).toEqual(
      events.slice(0, 3).map((one) => JSON.stringify(one)),
    );
  });

  it("is delivered once right behind itself, and again when the account went back to it", async () => {
    const events = [position("2"), position("2"), position("1"), position("2")];
    expect(await delivered(...events)).toEqual(events.slice(1).map((one) => JSON.stringify(one)));
  });
});

describe("user data in virtual time", () => {
  it.each([-1000, -1001, -1003, -1006, -1007, -1008, -1016, -1034, -1099, -9999])(
    "tries the login again after the passing error %i",
    async (code) => {
      const venue = venueWith(refused(code));
      const user = openUser(venue);
      await venue.world.run(60_000);
      expect(user.state.snapshot.phase).toBe("subscribing");
      expect(venue.requests.length).toBeGreaterThan(3);
      expect(venue.requests.length).toBeLessThan(12);
      expect(venue.leaf.dials).toHaveLength(1);
      expect(user.state.snapshot.cause).toMatchObject({ code: `VENUE_${code}` });
      venue.answer = ACCEPT;
      await venue.world.run(61_000);
      expect(user.state.snapshot.phase).toBe("live");
    },
  );

  it.each([-1002, -1022, -2014, -2015, -1121, -1102])(
    "fails for good on the lasting error %i",
    async (code) => {
      const venue = venueWith(refused(code));
      const user = openUser(venue);
      await venue.world.run(60_000);
      expect(user.state.snapshot).toMatchObject({
        phase: "failed",
        cause: { code: `VENUE_${code}` },
      });
      expect(venue.requests).toHaveLength(1);
      expect(venue.leaf.openSockets).toBe(0);
      expect(venue.world.timer.pendingCount).toBe(0);
    },
  );

  it("waits before it logs in again for as long as the venue asks", async () => {
    const venue = venueWith(ACCEPT);
    const retryAfter = venue.world.timer.wallNow() + 120_000;
    venue.answer = () => ({
      status: 429,
      error: { code: -1003, msg: "Too many requests", data: { retryAfter } },
    });
    const user = openUser(venue);
    await venue.world.run(119_000);
    expect(venue.requests).toHaveLength(1);
    venue.answer = ACCEPT;
    await venue.world.run(20_000);
    expect(user.state.snapshot.phase).toBe("live");
  });

  it("does not log in again and again without a pause when the venue ends each subscription at once", async () => {
    const venue = venueWith(ACCEPT);
    const ended = JSON.stringify({
      subscriptionId: 0,
      event: { e: "eventStreamTerminated", E: 1 },
    });
    venue.answer = (request, peer) => {
      venue.world.timer.scheduleArrival(1, () => peer.text(ended));
      return ACCEPT(request, peer);
    };
    const user = openUser(venue);
    await venue.world.run(300_000);
    expect(venue.requests.length).toBeGreaterThan(5);
    expect(venue.requests.length).toBeLessThan(20);
    expect(user.state.snapshot.phase).toBe("recovering");
    expect(user.state.snapshot.cause).toMatchObject({ code: "STREAM_TERMINATED" });
    venue.answer = ACCEPT;
    await venue.world.run(61_000);
    expect(user.state.snapshot.phase).toBe("live");
    // What lasted for long is repeated at once.
    await venue.world.run(120_000);
    const before = venue.requests.length;
    venue.leaf.current?.text(ended);
    await venue.world.run(100);
    expect(venue.requests).toHaveLength(before + 1);
  });

  it("holds events back until the state is known, and delivers them after it", async () => {
    const venue = venueWith(ACCEPT);
    const { rest } = venue;
    venue.rest = async (url, init) => {
      await venue.world.delay(1_000);
      return rest(url, init);
    };
    const user = openUser(venue);
    await venue.world.run(500);
    venue.leaf.current?.text(EVENT);
    await venue.world.run(500);
    expect(kinds(user)).toEqual([]);
    await venue.world.run(5_000);
    expect(kinds(user)).toEqual(["snapshot:start", "balanceUpdate"]);
  });

  it("starts the reconciliation over when the connection breaks meanwhile, and drops what it found", async () => {
    const venue = venueWith(ACCEPT);
    const reasons: string[] = [];
    const user = openUser(venue, {
      reconcile: async ({ reason, signal }) => {
        await venue.world.delay(1_000);
        reasons.push(`${reason}${signal.aborted ? ":aborted" : ""}`);
        return { balances: [], openOrders: [] };
      },
    });
    await venue.world.run(500);
    venue.leaf.current?.text(EVENT);
    venue.leaf.current?.reset();
    await venue.world.run(20_000);
    expect(reasons).toEqual(["start:aborted", "reconnect"]);
    expect(kinds(user)).toEqual(["snapshot:reconnect"]);
    expect(user.gaps).toMatchObject([{ reason: "reconnect" }]);
  });

  it("reconciles after our own buffer dropped a frame, without logging in again", async () => {
    const venue = venueWith(ACCEPT);
    const user = openUser(venue, { config: { buffer: { maxFrames: 4 } } });
    await venue.world.run(1_000);
    kinds(user);
    // What piles up on the way comes in one turn, and more than fits.
    venue.leaf.current?.goSilent();
    for (let index = 0; index < 10; index++) venue.leaf.current?.text(EVENT);
    venue.leaf.current?.heal();
    await venue.world.run(1_000);
    expect(kinds(user).filter((kind) => kind.startsWith("snapshot"))).toEqual(["snapshot:lagged"]);
    expect(user.state.snapshot.phase).toBe("live");
    expect(venue.requests).toHaveLength(1);
  });

  it("logs in again when the venue ends the subscription, on the same connection", async () => {
    const venue = venueWith(ACCEPT);
    const user = openUser(venue);
    await venue.world.run(1_000);
    venue.leaf.current?.text(
      JSON.stringify({ subscriptionId: 0, event: { e: "eventStreamTerminated", E: 1 } }),
    );
    await venue.world.run(1_000);
    expect(venue.requests).toHaveLength(2);
    expect(venue.leaf.dials).toHaveLength(1);
    expect(kinds(user)).toEqual(["snapshot:start", "snapshot:reconnect"]);
    expect(user.state.snapshot).toMatchObject({
      phase: "live",
      recoveries: 1,
      cause: { code: "STREAM_TERMINATED" },
    });
  });

  it("waits as long as the REST API asks before it reconciles", async () => {
    const venue = venueWith(ACCEPT);
    const asked: number[] = [];
    const { rest } = venue;
    venue.rest = (url, init) => {
      asked.push(venue.world.timer.now());
      if (asked.length > 1) return rest(url, init);
      return Promise.resolve({
        ...response({ code: -1003, msg: "slow down" }, 429),
        headers: { "retry-after": "45" },
      });
    };
    const user = openUser(venue);
    await venue.world.run(120_000);
    expect(user.state.snapshot.phase).toBe("live");
    expect(asked[1]! - asked[0]!).toBeGreaterThanOrEqual(45_000);
  });

  it.each([
    ["far away", 9e15, 86_400_000],
    ["past", 0, 0],
    ["soon", Date.UTC(2026, 0, 1, 0, 1), 60_000],
  ])(
    "waits for a login until the venue's time, a day at most: %s",
    async (_, retryAfter, atLeastMs) => {
      const at: number[] = [];
      const banned = { code: -1003, msg: "banned", data: { serverTime: 0, retryAfter } };
      const venue = venueWith((request, peer) => {
        at.push(venue.world.timer.now());
        return at.length === 1 ? { status: 418, error: banned } : ACCEPT(request, peer);
      });
      // A new connection would log in by itself.
      const user = openUser(venue, { renewal: { afterMs: 200_000_000 } });
      await venue.world.run(86_500_000);
      expect(user.state.snapshot.phase).toBe("live");
      expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(atLeastMs);
      expect(at[1]! - at[0]!).toBeLessThan(atLeastMs + 60_000);
    },
  );

  it("gives up when the REST API refuses the key for good", async () => {
    const venue = venueWith(ACCEPT);
    venue.rest = () => Promise.resolve(response({ code: -2015, msg: "no" }, 401));
    const user = openUser(venue);
    await venue.world.run(10_000);
    expect(user.state.snapshot).toMatchObject({ phase: "failed", cause: { code: "VENUE_-2015" } });
    expect(venue.world.timer.pendingCount).toBe(0);
  });

  it("asks for the state again when told to", async () => {
    const venue = venueWith(ACCEPT);
    const user = openUser(venue);
    await venue.world.run(1_000);
    user.reconcile();
    user.reconcile();
    await venue.world.run(1_000);
    expect(kinds(user)).toEqual(["snapshot:start", "snapshot:requested"]);
  });

  it("ends cleanly at any time, and leaves nothing behind", async () => {
    for (const afterMs of [0, 1, 10, 1_000]) {
      const venue = venueWith(ACCEPT);
      const user = openUser(venue, { login: "session" });
      await venue.world.run(afterMs);
      await venue.world.complete(user.shutdown());
      expect(user.state.snapshot.phase).toBe("closed");
      expect(venue.leaf.openSockets).toBe(0);
      expect(venue.world.timer.pendingCount).toBe(0);
    }
  });
});

describe("an account's event that is lost while nothing else happens", () => {
  const event = (E: number): string => EVENT.replace('"E":1', `"E":${E}`);

  async function openLive(): Promise<{
    readonly venue: VirtualVenue;
    readonly user: BinanceUserData;
  }> {
    const venue = venueWith(ACCEPT);
    const user = openUser(venue, { config: { buffer: { maxFrames: 8 } } });
    await venue.world.run(2_000);
    expect(kinds(user)).toEqual(["snapshot:start"]);
    return { venue, user };
  }

  it("with the old connection of a renewal, has the account reconciled at once", async () => {
    const { venue, user } = await openLive();
    const old = venue.leaf.current;
    user.renew();
    await venue.world.run(50);
    expect(venue.leaf.current).not.toBe(old);
    old?.reset();
    await venue.world.run(1_000);
    expect(kinds(user)).toEqual(["snapshot:reconnect"]);
    expect(user.gaps).toMatchObject([{ reason: "reconnect" }]);
    expect(user.state.snapshot.phase).toBe("live");
  });

  it.each([
    [
      "in a frame that cannot be read",
      (venue: VirtualVenue) => venue.leaf.current?.text(event(2).slice(0, -9)),
    ],
    [
      "in our own receive buffer",
      (venue: VirtualVenue) => {
        for (let E = 2; E < 30; E++) venue.leaf.current?.text(event(E));
      },
    ],
  ])("%s, has the account reconciled at once", async (_, lose) => {
    const { venue, user } = await openLive();
    lose(venue);
    await venue.world.run(1_000);
    expect(kinds(user)[0]).toBe("snapshot:lagged");
    expect(user.gaps).toMatchObject([{ reason: "lagged" }]);
    expect(user.state.snapshot.phase).toBe("live");
  });
});
