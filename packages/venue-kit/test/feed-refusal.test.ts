import { describe, expect, it } from "vitest";
import type { Grammar } from "@oath-ws/venue-kit";
import { WsError } from "@oath-ws/contract";
import { FeedRig, ids, numbers } from "./support/feed-rig.js";
import { GRAMMAR, UNCOUNTED } from "./support/toy-venue.js";
import type { Seat } from "./support/toy-venue.js";

const RENEWAL = {
  afterMs: 600_000,
  timeoutMs: 30_000,
  quietMs: 1_000,
  overlapMs: 500,
  retryMs: 60_000,
};

/** The times between the commands of a connection, in milliseconds. */
function pauses({ times }: Seat): number[] {
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

/**
 * A pause of a second, then twice as long each time up to a minute, each drawn from its upper half.
 */
function expectGrowing(waited: readonly number[]): void {
  for (const [index, ms] of waited.entries()) {
    const ceiling = Math.min(60_000, 1_000 * 2 ** index);
    expect(ms).toBeGreaterThanOrEqual(ceiling / 2);
    expect(ms).toBeLessThanOrEqual(ceiling + 2);
  }
}

describe.each(["busy", "fast"] as const)("a venue that is too %s for a command", (mood) => {
  it("is asked again after pauses that grow, while the state says why", async () => {
    const rig = new FeedRig();
    rig.venue.onSeat = (seat) => (seat.mood = mood);
    const a = rig.subscribe("a");
    await rig.world.run(300_000);
    const { seat } = rig.venue;
    expect(a.state.snapshot).toMatchObject({
      phase: "subscribing",
      cause: { code: mood === "busy" ? "BUSY" : "TOO_FAST" },
    });
    expect(seat.times.length).toBeGreaterThan(8);
    expectGrowing(pauses(seat));
    seat.mood = undefined;
    await rig.world.run(61_000);
    expect(a.state.snapshot.phase).toBe("live");
    // The next refusal begins small.
    seat.mood = mood;
    const before = seat.times.length;
    const b = rig.subscribe("b");
    await rig.world.run(5_000);
    expectGrowing(pauses(seat).slice(before));
    expect([a, b].map(({ state }) => state.snapshot.phase)).toEqual(["live", "subscribing"]);
    await rig.end();
  });

  it("is not asked before the time that it stated, on a new connection neither", async () => {
    const rig = new FeedRig();
    const [a] = await rig.live("a");
    const said = { mood, afterMs: 30_000 };
    Object.assign(rig.venue.seat, said);
    const b = rig.subscribe("b");
    await rig.world.run(1_000);
    expect(rig.venue.seat.commands.filter((command) => command === "sub b")).toHaveLength(1);
    rig.venue.seat.peer.reset();
    await rig.world.run(28_000);
    expect(rig.venue.seat.commands).toEqual(mood === "busy" ? ["sub a"] : []);
    if (mood === "busy") expect(a?.state.snapshot.phase).toBe("live");
    await rig.world.run(8_000);
    expect([a?.state.snapshot.phase, b.state.snapshot.phase]).toEqual(["live", "live"]);
    await rig.end();
  });

  it("is not asked before the time that it stated with the end of the connection", async () => {
    const rig = new FeedRig();
    const [a] = await rig.live("a");
    const { seat } = rig.venue;
    Object.assign(seat, { mood, afterMs: 30_000 });
    seat.onPutOff = () => seat.peer.reset();
    const b = rig.subscribe("b");
    await rig.world.run(29_000);
    expect(seat.commands).toEqual(["sub a", "sub b"]);
    expect(rig.venue.seats.length).toBeGreaterThan(1);
    expect(rig.venue.seat.commands).toEqual(mood === "busy" ? ["sub a"] : []);
    expect(b.state.snapshot.phase).not.toBe("live");
    await rig.world.run(8_000);
    expect([a?.state.snapshot.phase, b.state.snapshot.phase]).toEqual(["live", "live"]);
    await rig.end();
  });

  it("during a renewal is asked again on the new connection, and the old one delivers", async () => {
    const rig = new FeedRig({ renewal: RENEWAL });
    const [a] = await rig.live("a");
    const old = rig.venue.seat;
    rig.venue.onSeat = (seat) => (seat.mood = mood);
    rig.feed.renew();
    await rig.publishFor(5_000, "a");
    expect(rig.venue.seat.commands.length).toBeGreaterThan(2);
    rig.venue.seat.mood = undefined;
    await rig.publishFor(10_000, "a");
    expect(old.peer.isOpen).toBe(false);
    expect(a?.state.snapshot).toMatchObject({ phase: "live", recoveries: 0, gaps: 0 });
    expect(a === undefined ? [] : ids(a)).toEqual(numbers(1, rig.venue.count("a")));
    await rig.end();
  });
});

describe("topics that the venue is too busy for", () => {
  it("hold up no others", async () => {
    const rig = new FeedRig();
    rig.venue.onSeat = (seat) => (seat.mood = "busy");
    const a = rig.subscribe("a");
    await rig.world.run(100);
    rig.venue.seat.mood = undefined;
    const b = rig.subscribe("b");
    await rig.world.run(100);
    expect([a, b].map(({ state }) => state.snapshot.phase)).toEqual(["subscribing", "live"]);
    await rig.until("live", a);
    await rig.end();
  });

  it("go in smaller commands when they are refused together again and again", async () => {
    const grammar: Grammar = {
      ...GRAMMAR,
      receive: (frame, inbox) =>
        GRAMMAR.receive(frame, {
          ...forward(inbox),
          refused: (id) =>
            inbox.refused(
              id,
              new WsError({ kind: "server", code: "ODD", message: "unknown" }),
              "notNow",
            ),
        }),
    };
    const rig = new FeedRig({ grammar });
    rig.venue.refused.add("odd");
    const [a, odd, b] = [rig.subscribe("a"), rig.subscribe("odd"), rig.subscribe("b")];
    await rig.until("live", a, b);
    expect(odd.state.snapshot).toMatchObject({ phase: "subscribing", cause: { code: "ODD" } });
    rig.venue.refused.delete("odd");
    await rig.until("live", odd);
    await rig.end();
  });

  it("are not asked for again when they are cancelled in the pause", async () => {
    const rig = new FeedRig();
    rig.venue.onSeat = (seat) => (seat.mood = "busy");
    const a = rig.subscribe("a");
    await rig.world.run(100);
    a.close();
    rig.venue.seat.mood = undefined;
    await rig.world.run(120_000);
    expect(rig.venue.seat.commands).toEqual(["sub a"]);
    await rig.end();
  });
});

describe("a topic that the venue refuses for good", () => {
  it("on the new connection of a renewal lives on over the old one, and the fault listener is told", async () => {
    const rig = new FeedRig({ renewal: RENEWAL });
    const [a, b] = await rig.live("a", "b");
    const old = rig.venue.seat;
    rig.venue.onSeat = (seat) => seat.refusing.add("a");
    rig.feed.renew();
    await rig.publishFor(30_000, "a", "b");
    expect(rig.venue.open).toEqual([old]);
    expect(rig.faults).toMatchObject([{ code: "RENEWAL_GIVEN_UP", cause: { code: "REFUSED" } }]);
    for (const each of [a, b]) {
      expect(each?.state.snapshot).toMatchObject({ phase: "live", recoveries: 0, gaps: 0 });
      expect(each === undefined ? [] : ids(each)).toEqual(numbers(1, rig.venue.count("a")));
    }
    rig.venue.onSeat = () => undefined;
    await rig.publishFor(60_000, "a", "b");
    expect(old.peer.isOpen).toBe(false);
    await rig.end();
  });

  it("on the only connection that is left ends", async () => {
    const rig = new FeedRig({ renewal: RENEWAL });
    const [a, b] = await rig.live("a", "b");
    rig.venue.onSeat = (seat) => {
      seat.refusing.add("a");
      seat.answers = false;
    };
    rig.feed.renew();
    await rig.world.run(500);
    const next = rig.venue.seat;
    rig.venue.seats[0]?.peer.reset();
    await rig.world.run(100);
    next.answers = true;
    if (a === undefined || b === undefined) expect.unreachable();
    await rig.until("failed", a);
    await rig.until("live", b);
    await rig.end();
  });

  it("ends, and the others live on, if the venue ends the connection right behind", async () => {
    const rig = new FeedRig();
    rig.venue.onSeat = (seat) => {
      seat.refusing.add("bad");
      // The refusal goes out when this returns.
      seat.onRefused = () => void Promise.resolve().then(() => seat.peer.close(1000));
    };
    const good = rig.subscribe("good");
    const bad = rig.subscribe("bad");
    await rig.until("failed", bad);
    expect(bad.state.snapshot.cause).toMatchObject({ code: "REFUSED" });
    await rig.until("live", good);
    expect(rig.venue.seats.length).toBeLessThan(5);
    await rig.end();
  });

  it("without being asked ends, or is asked for again, by the verdict", async () => {
    const refuse = (verdict: "never" | "notNow"): Grammar => ({
      ...GRAMMAR,
      receive: (frame, inbox) => {
        const error = new WsError({
          kind: "server",
          code: "GONE",
          message: "the venue has dropped it",
        });
        if (frame.text() === '"drop a"') inbox.topicRefused("a", error, verdict);
        else GRAMMAR.receive(frame, inbox);
      },
    });
    for (const verdict of ["never", "notNow"] as const) {
      const rig = new FeedRig({ grammar: refuse(verdict) });
      const [a, b] = await rig.live("a", "b");
      rig.venue.seat.peer.text('"drop a"');
      await rig.world.run(10);
      const phase = verdict === "never" ? "failed" : "recovering";
      expect(a?.state.snapshot).toMatchObject({ phase, cause: { code: "GONE" } });
      await rig.world.run(2_000);
      expect(a?.state.snapshot.phase).toBe(verdict === "never" ? "failed" : "live");
      expect(b?.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
      await rig.end();
    }
  });
});

describe("a command of which the venue leaves a topic out", () => {
  it("makes the others live at once, and asks for that one alone, after pauses that grow", async () => {
    const error = new WsError({ kind: "server", code: "LEFT_OUT", message: "it is not listed" });
    const grammar: Grammar = {
      ...GRAMMAR,
      receive: (frame, inbox) =>
        GRAMMAR.receive(frame, {
          ...forward(inbox),
          refused: (id) => {
            inbox.topicRefused("odd", error, "notNow");
            inbox.confirmed(id);
          },
        }),
    };
    const rig = new FeedRig({ grammar });
    rig.venue.refused.add("odd");
    const [a, odd, b] = [rig.subscribe("a"), rig.subscribe("odd"), rig.subscribe("b")];
    await rig.world.run(100);
    const phases = [a, odd, b].map(({ state }) => state.snapshot.phase);
    expect(phases).toEqual(["live", "subscribing", "live"]);
    expect(odd.state.snapshot).toMatchObject({ cause: { code: "LEFT_OUT" } });
    await rig.world.run(300_000);
    const { seat } = rig.venue;
    expect(seat.commands[0]).toBe("sub a,odd,b");
    expect(new Set(seat.commands.slice(1))).toEqual(new Set(["sub odd"]));
    expectGrowing(pauses(seat));
    expect([a, b].map(({ state }) => state.snapshot.recoveries)).toEqual([0, 0]);
    await rig.end();
  });
});

describe("a topic that the venue drops and has again", () => {
  it("has a gap record for what came meanwhile, and no other topic does", async () => {
    const error = new WsError({ kind: "server", code: "GONE", message: "it is not listed" });
    const grammar: Grammar = {
      ...GRAMMAR,
      receive: (frame, inbox) => {
        if (frame.text() === '"drop a"') inbox.topicRefused("a", error, "notNow");
        else GRAMMAR.receive(frame, inbox);
      },
    };
    const rig = new FeedRig({ grammar });
    const [a, b] = [rig.subscribe("a", UNCOUNTED), rig.subscribe("b", UNCOUNTED)];
    await rig.until("live", a, b);
    rig.venue.publish("a", "b");
    rig.venue.seat.peer.text('"drop a"');
    await rig.world.run(10);
    expect(a.state.snapshot.phase).toBe("recovering");
    await rig.until("live", a);
    expect([a, b].map(({ state }) => state.snapshot.gaps)).toEqual([1, 0]);
    await rig.end();
  });
});

describe("a login", () => {
  it("that succeeds and is undone again and again is repeated after pauses that grow", async () => {
    const about = JSON.stringify({ out: "kicked" });
    const rig = new FeedRig({
      login: {
        run: async ({ ask }) => {
          await ask((id) => JSON.stringify({ ask: id, about: "login" }));
        },
        classify: () => "transient",
      },
    });
    const undo = (seat: Seat): void => {
      seat.peer.onFrame(({ kind }) => {
        if (kind === "text") rig.world.timer.scheduleArrival(1, () => seat.peer.text(about));
      });
    };
    rig.venue.onSeat = undo;
    const a = rig.subscribe("a");
    await rig.world.run(300_000);
    const logins = rig.venue.seat.commands.filter((command) => command === "ask login").length;
    expect(logins).toBeGreaterThan(6);
    expect(logins).toBeLessThan(20);
    expect(a.state.snapshot).toMatchObject({ cause: { code: "LOGGED_OUT" } });
    await rig.end();
  });
});

/** An inbox's methods, to be replaced one by one. */
function forward(inbox: Parameters<Grammar["receive"]>[1]): Parameters<Grammar["receive"]>[1] {
  return {
    greeted: () => inbox.greeted(),
    event: (topic, data) => inbox.event(topic, data),
    confirmed: (id, result) => inbox.confirmed(id, result),
    refused: (id, error, verdict) => inbox.refused(id, error, verdict),
    unreadable: (isConcerned, error) => inbox.unreadable(isConcerned, error),
    topicRefused: (topic, error, verdict) => inbox.topicRefused(topic, error, verdict),
    later: (id, error) => inbox.later(id, error),
    missed: (isConcerned) => inbox.missed(isConcerned),
    topicConfirmed: (topic, id) => inbox.topicConfirmed(topic, id),
    resync: (topic) => inbox.resync(topic),
    beat: () => inbox.beat(),
    venueStatus: (state, detail) => inbox.venueStatus(state, detail),
    ending: (reason) => inbox.ending(reason),
    sessionLost: (cause) => inbox.sessionLost(cause),
    failed: (error) => inbox.failed(error),
  };
}
