import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import type { Login } from "@oath-ws/venue-kit";
import { FeedRig, ids, RENEWAL } from "./support/feed-rig.js";
import type { FeedRigOptions } from "./support/feed-rig.js";
import { GRAMMAR, UNCOUNTED } from "./support/toy-venue.js";

const LOGIN: Login = {
  run: async ({ ask }) => {
    await ask((id) => JSON.stringify({ ask: id, about: "login" }));
  },
  classify: () => "transient",
};

/** A venue with public topics, and private ones behind a login. */
function rigWith(options: FeedRigOptions = {}): FeedRig {
  return new FeedRig({
    login: LOGIN,
    needsLogin: (topic) => topic.startsWith("private"),
    ...options,
  });
}

describe("topics that need no login", () => {
  it("are subscribed before it, the others after it", async () => {
    const rig = rigWith();
    rig.venue.onSeat = (seat) => (seat.answers = false);
    rig.subscribe("public");
    rig.subscribe("private");
    await rig.world.run(100);
    expect(rig.venue.seat.commands).toEqual(["sub public", "ask login"]);
    rig.venue.seat.say({ ok: 2 });
    await rig.world.settle();
    expect(rig.venue.seat.commands).toEqual(["sub public", "ask login", "sub private"]);
    await rig.end();
  });

  it("outlast a session that is lost on an open socket, which the others recover from with a gap", async () => {
    const rig = rigWith();
    const open = rig.subscribe("public", UNCOUNTED);
    const hidden = rig.subscribe("private", UNCOUNTED);
    await rig.until("live", open, hidden);
    rig.venue.publish("public", "private");
    await rig.world.settle();
    rig.venue.seat.answers = false;
    rig.venue.seat.say({ out: "expired" });
    await rig.world.settle();
    expect([open.state.snapshot.phase, hidden.state.snapshot.phase]).toEqual([
      "live",
      "recovering",
    ]);
    expect(hidden.state.snapshot.cause).toMatchObject({ code: "LOGGED_OUT" });
    // What trickles in of the session that is over makes nothing live.
    rig.venue.publish("public", "private");
    await rig.world.settle();
    expect(hidden.state.snapshot.phase).toBe("recovering");
    rig.venue.seat.answers = true;
    await rig.until("live", hidden);
    rig.venue.publish("public", "private");
    await rig.world.settle();
    expect([ids(open), open.gapCount, open.state.snapshot.recoveries]).toEqual([[1, 2, 3], 0, 0]);
    expect([ids(hidden), hidden.gaps.map(({ reason }) => reason)]).toEqual([
      [1, 2, 3],
      ["reconnect"],
    ]);
    expect(rig.leaf.dials).toHaveLength(1);
    expect(rig.venue.seat.commands.filter((command) => command.startsWith("sub"))).toEqual([
      "sub public",
      "sub private",
      "sub private",
    ]);
    await rig.end();
  });

  it("are asked for again when a command was about others too and the session is lost before its answer", async () => {
    const rig = rigWith();
    rig.subscribe("first");
    await rig.world.run(100);
    rig.venue.seat.answers = false;
    const open = rig.subscribe("public");
    const hidden = rig.subscribe("private");
    await rig.world.settle();
    rig.venue.seat.say({ out: "expired" });
    await rig.world.settle();
    rig.venue.seat.answers = true;
    await rig.until("live", open, hidden);
    expect([...rig.venue.seat.topics]).toEqual(["first", "public", "private"]);
    await rig.end();
  });
});

describe("a login", () => {
  it("that finishes after its connection ended makes nothing ready", async () => {
    const delays = [5_000, 60_000];
    const login: Login = {
      run: () => rig.world.delay(delays.shift() ?? 1),
      classify: () => "transient",
    };
    const rig: FeedRig = new FeedRig({ login });
    const a = rig.subscribe("a");
    await rig.world.run(100);
    rig.venue.seat.peer.reset();
    await rig.world.run(20_000);
    expect(rig.venue.seats).toHaveLength(2);
    expect([rig.venue.seat.commands, a.state.snapshot.phase]).toEqual([[], "subscribing"]);
    await rig.until("live", a);
    await rig.end();
  });

  it("that is refused for good ends the feed, also when the connection ends right behind", async () => {
    const refused: Login = {
      // The venue of these tests refuses nonsense.
      run: async ({ ask }) =>
        void (await ask((id) => JSON.stringify({ ask: id, about: "nonsense" }))),
      classify: ({ code }) => (code === "REFUSED" ? "permanent" : "transient"),
    };
    const rig = new FeedRig({ login: refused });
    rig.venue.onSeat = ({ peer }) =>
      peer.onFrame(() => void Promise.resolve().then(() => peer.close(1000)));
    const a = rig.subscribe("a");
    await rig.until("failed", a);
    expect(a.state.snapshot.cause).toMatchObject({ code: "REFUSED" });
    expect(rig.venue.seats).toHaveLength(1);
    await rig.end();
  });

  it("whose verdict cannot be had is tried again, and told", async () => {
    let left = 2;
    const login: Login = {
      run: () => (left-- > 0 ? Promise.reject(new Error("no")) : Promise.resolve()),
      classify: () => {
        throw new Error("no verdict");
      },
    };
    const rig = new FeedRig({ login });
    await rig.live("a");
    expect(rig.faults.map(String)).toEqual(["Error: no verdict", "Error: no verdict"]);
    await rig.end();
  });
});

describe("a keepalive that fails", () => {
  it("is told, and said again after pauses that grow, on every connection", async () => {
    const times: number[] = [];
    let works = false;
    const rig: FeedRig = new FeedRig({
      keepalive: {
        everyMs: 1_000,
        run: () => {
          times.push(rig.world.timer.now());
          return works ? Promise.resolve() : Promise.reject(new Error("no"));
        },
        classify: () => "transient",
      },
    });
    await rig.live("a");
    await rig.world.run(600_000);
    expect(times.length).toBeLessThan(25);
    expect(rig.faults).toHaveLength(times.length);
    works = true;
    await rig.world.run(70_000);
    times.length = 0;
    await rig.world.run(10_000);
    expect(times).toHaveLength(10);
    await rig.end();
  });
});

describe("a venue that greets", () => {
  const greeting: typeof GRAMMAR = {
    ...GRAMMAR,
    receive: (frame, inbox) => {
      if (frame.text() === '"hello"') inbox.greeted();
      else GRAMMAR.receive(frame, inbox);
    },
  };

  it("hears nothing before it did, on every connection, and everything once when it greets twice", async () => {
    const rig = rigWith({ grammar: greeting, awaitsGreeting: true });
    const both = [rig.subscribe("public"), rig.subscribe("private")];
    for (const round of [1, 2]) {
      await rig.world.runUntil(
        () => rig.venue.seats.length === round && rig.venue.open.length === 1,
      );
      await rig.world.run(10_000);
      expect(rig.venue.seat.commands).toEqual([]);
      rig.venue.seat.peer.text('"hello"');
      await rig.until("live", ...both);
      rig.venue.seat.peer.text('"hello"');
      await rig.world.settle();
      expect(rig.venue.seat.commands).toEqual(["sub public", "ask login", "sub private"]);
      rig.venue.seat.peer.reset();
    }
    await rig.end();
  });
});

describe("commands that the venue does not answer", () => {
  const silent = { ...GRAMMAR, isAnswered: () => false };

  it("count as carried out when they have left", async () => {
    const rig = new FeedRig({ grammar: silent });
    rig.venue.onSeat = (seat) => (seat.answers = false);
    const subscriptions = await rig.live("a", "b", "c", "d", "e", "f", "g", "h");
    expect(rig.venue.seat.commands).toEqual(["sub a,b,c", "sub d,e,f", "sub g,h"]);
    for (const subscription of subscriptions) subscription.close();
    // No answer is waited for, and nothing is sent twice.
    await rig.world.run(60_000);
    expect(rig.venue.seat.topics.size).toBe(0);
    expect(rig.leaf.dials).toHaveLength(1);
    await rig.end();
  });
});

describe("a login that the venue puts off for a stated time", () => {
  it.each(["busy", "fast"] as const)(
    "is not tried before that when the venue (%s) ends the connection right behind",
    async (why) => {
      const rig = new FeedRig({
        login: {
          run: async ({ ask }) =>
            void (await ask((id) => JSON.stringify({ ask: id, about: "login" }))),
          classify: () => "transient",
        },
      });
      rig.venue.onSeat = (seat) => {
        seat.answers = false;
        seat.peer.onFrame(({ kind }) => {
          if (kind !== "text") return;
          seat.say({ no: seat.lastAsk, why, afterMs: 300_000 });
          seat.peer.reset();
        });
      };
      const topic = rig.subscribe("private");
      await rig.world.run(299_000);
      const { seats } = rig.venue;
      expect(seats.flatMap(({ commands }) => commands)).toEqual(["ask login"]);
      rig.venue.onSeat = () => undefined;
      for (const { peer } of rig.venue.open) peer.reset();
      await rig.world.run(36_000);
      expect(topic.state.snapshot.phase).toBe("live");
      await rig.end();
    },
  );

  it("is not tried before that on the new connection of a renewal either", async () => {
    const afterMs = 300_000;
    const rig = new FeedRig({
      login: {
        run: async ({ ask }) => {
          await ask((id) => JSON.stringify({ ask: id, about: "login" }));
          if (rig.world.timer.now() < bannedUntil)
            throw new WsError({
              kind: "throttled",
              code: "BANNED",
              message: "the address is banned",
              retryAfterMs: bannedUntil - rig.world.timer.now(),
            });
        },
        classify: () => "transient",
      },
      renewal: RENEWAL,
    });
    let bannedUntil = rig.world.timer.now() + afterMs;
    const topic = rig.subscribe("private");
    await rig.world.run(1_000);
    rig.feed.renew();
    await rig.world.run(90_000);
    rig.feed.renew();
    // The time that the machine sleeps counts.
    rig.world.timer.sleep(60_000);
    bannedUntil -= 60_000;
    await rig.world.run(bannedUntil - rig.world.timer.now() - 1);
    expect(rig.venue.seats.length).toBeGreaterThan(2);
    expect(rig.venue.seats.flatMap(({ commands }) => commands)).toEqual(["ask login"]);
    // The time of the sleep counted; a stated pause is lengthened by half a minute at most.
    await rig.world.run(36_000);
    expect(topic.state.snapshot.phase).toBe("live");
    await rig.end();
  });
});

describe("a session that is lost during a renewal", () => {
  it.each(["overlap", "the old connection closes"] as const)(
    "on both connections, while %s, makes nothing live before the next login",
    async (when) => {
      const rig = rigWith({ renewal: RENEWAL });
      const hidden = rig.subscribe("private", UNCOUNTED);
      await rig.until("live", hidden);
      const old = rig.venue.seat;
      // It takes its time to close.
      old.peer.answerClose = false;
      rig.feed.renew();
      await rig.world.settle();
      await rig.publishFor(when === "overlap" ? 1_000 : 2_500, "private");
      expect(rig.venue.seat).not.toBe(old);
      expect(old.peer.closeFrameReceived !== undefined).toBe(when !== "overlap");
      for (const seat of rig.venue.open) {
        seat.answers = false;
        seat.say({ out: "expired" });
      }
      await rig.world.settle();
      expect(hidden.state.snapshot.phase).toBe("recovering");
      await rig.world.run(5_000);
      expect(hidden.state.snapshot.phase).toBe("recovering");
      for (const seat of rig.venue.open) seat.answers = true;
      await rig.until("live", hidden);
      expect(hidden.gaps).toMatchObject([{ reason: "reconnect" }]);
      await rig.end();
    },
  );
});
