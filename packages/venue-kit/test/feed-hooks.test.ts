import { ConfigError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { FeedRig, ids, RENEWAL } from "./support/feed-rig.js";
import { COUNTED, GRAMMAR, UNCOUNTED } from "./support/toy-venue.js";

const HEARTBEAT = { staleAfterMs: 3_000, deadAfterMs: 6_000, maxDeadAfterMs: 24_000 };

describe("a heartbeat", () => {
  it("that is missing makes the topics stale, and live again when it comes", async () => {
    const rig = new FeedRig({ heartbeat: HEARTBEAT });
    const [a] = await rig.live("a");
    await rig.world.run(2_900);
    expect(a?.state.snapshot.phase).toBe("live");
    await rig.world.run(100);
    expect(a?.state.snapshot.phase).toBe("stale");
    rig.venue.seat.say({ beat: 1 });
    await rig.world.settle();
    expect(a?.state.snapshot).toMatchObject({ phase: "live", staleCount: 1 });
    expect(rig.venue.seats).toHaveLength(1);
    await rig.end();
  });

  it("that stays away ends its connection, each time after twice as much silence", async () => {
    const rig = new FeedRig({ heartbeat: HEARTBEAT, renewal: RENEWAL });
    const [a] = await rig.live("a");
    // The other connections live on.
    const begun: number[] = [];
    rig.venue.onSeat = () => begun.push(rig.world.timer.now());
    await rig.world.run(100_000);
    const pauses = begun.slice(1).map((at, index) => at - (begun[index] ?? 0));
    for (const [index, atLeast] of [12_000, 24_000, 24_000].entries()) {
      expect(pauses[index]).toBeGreaterThanOrEqual(atLeast);
      expect(pauses[index]).toBeLessThan(atLeast + 3_000);
    }
    expect(a?.state.snapshot.recoveries).toBeGreaterThan(2);
    for (let second = 0; second < 70; second++) {
      rig.venue.seat.say({ beat: second });
      await rig.world.run(1_000);
    }
    const before = begun.length;
    await rig.world.run(8_000);
    expect(begun).toHaveLength(before + 1);
    await rig.end();
  });

  it("is of one connection: events of topics are no beats, and the others live on", async () => {
    const rig = new FeedRig({ heartbeat: HEARTBEAT, maxTopicsPerConnection: 1 });
    const [a, b] = await rig.live("a", "b");
    const [first, second] = rig.venue.seats;
    for (let round = 0; round < 20; round++) {
      rig.venue.publish("a", "b");
      first?.say({ beat: round });
      await rig.world.run(500);
    }
    expect(a?.state.snapshot).toMatchObject({ phase: "live", staleCount: 0, recoveries: 0 });
    expect(b?.state.snapshot.recoveries).toBe(1);
    expect([first?.peer.isOpen, second?.peer.isOpen]).toEqual([true, false]);
    await rig.end();
  });

  it("is asked for, and where none was ever heard any frame is a sign of life", async () => {
    const rig = new FeedRig({
      heartbeat: {
        ...HEARTBEAT,
        expectedFrom: "greeted",
        idleAfterMs: 10_000,
        ask: { afterMs: 2_000, message: JSON.stringify({ say: "tic" }) },
      },
    });
    const [a] = await rig.live("a");
    await rig.publishFor(9_000, "a");
    expect(rig.venue.seat.commands).toEqual(["sub a", "say tic"]);
    expect(a?.state.snapshot).toMatchObject({ phase: "live", staleCount: 0 });
    await rig.world.run(9_000);
    expect(rig.venue.seats).toHaveLength(1);
    rig.venue.seat.say({ beat: 1 });
    await rig.world.run(3_000);
    expect(a?.state.snapshot.phase).toBe("stale");
    await rig.world.runUntil(() => rig.venue.seats.length === 2, 4_000);
    await rig.end();
  });

  it.each([
    { staleAfterMs: 0, deadAfterMs: 1 },
    { staleAfterMs: 5, deadAfterMs: 5 },
  ])("of %j is a mistake", (heartbeat) => {
    expect(() => new FeedRig({ heartbeat })).toThrow(ConfigError);
  });
});

describe("a topic's own silence", () => {
  it("is told to what is kept of its connection, and the connection's silence is not", async () => {
    const told: string[] = [];
    const stale = (topic: string): void => {
      told.push(topic);
      throw new TypeError("what the adapter throws is told");
    };
    const rig = new FeedRig({ heartbeat: HEARTBEAT, onEpoch: () => ({ stale }) });
    const a = rig.subscribe("a", COUNTED, { staleAfterMs: 2_000 });
    const b = rig.subscribe("b", COUNTED, { staleAfterMs: 4_500 });
    await rig.until("live", a, b);
    await rig.world.run(1_000);
    rig.venue.seat.say({ beat: 1 });
    await rig.until("stale", a);
    expect([told, b.state.snapshot.phase]).toEqual([["a"], "live"]);
    expect(rig.faults).toMatchObject([{ name: "TypeError" }]);
    await rig.until("stale", b);
    await rig.world.run(1_500);
    expect([told, rig.venue.seats.length]).toEqual([["a"], 1]);
    await rig.end();
  });
});

describe("a resync", () => {
  it("unsubscribes and subscribes together what asked in one turn, without a gap", async () => {
    const rig = new FeedRig();
    const [a, b] = await rig.live("a", "b");
    rig.venue.publish("a", "b");
    rig.feed.resync("a");
    rig.feed.resync("b");
    rig.feed.resync("nothing");
    rig.venue.seat.answers = false;
    await rig.world.run(10);
    expect([a, b].map((topic) => topic?.state.snapshot.phase)).toEqual([
      "recovering",
      "recovering",
    ]);
    expect(a?.state.snapshot.cause).toMatchObject({ code: "RESYNC" });
    expect(rig.venue.seat.commands).toEqual(["sub a,b", "unsub a,b"]);
    rig.venue.seat.say({ ok: 2 });
    await rig.world.settle();
    expect(rig.venue.seat.commands.at(-1)).toBe("sub a,b");
    expect(rig.venue.seat.commands).toHaveLength(3);
    // The snapshot comes before the answer, and is delivered.
    rig.venue.publish("a");
    rig.venue.seat.say({ ok: 3 });
    await rig.world.settle();
    expect([a, b].map((topic) => topic?.state.snapshot.phase)).toEqual(["live", "live"]);
    expect([a && ids(a), a?.gapCount, a?.state.snapshot.breaks]).toEqual([[1, 2], 0, 0]);
    await rig.end();
  });

  it("of one topic again and again goes ever more slowly, and holds up no other", async () => {
    const rig = new FeedRig();
    await rig.live("a", "b");
    const resyncs = (): string[] =>
      rig.venue.seat.commands.filter((command) => command.startsWith("unsub a"));
    for (let step = 0; step < 600; step++) {
      rig.feed.resync("a");
      await rig.world.run(100);
    }
    expect(resyncs().length).toBeGreaterThan(6);
    expect(resyncs().length).toBeLessThan(20);
    rig.feed.resync("b");
    await rig.world.run(100);
    expect(rig.venue.seat.commands).toContain("unsub b");
    await rig.world.run(60_000);
    const before = resyncs().length;
    rig.feed.resync("a");
    await rig.world.run(100);
    expect(resyncs()).toHaveLength(before + 1);
    await rig.end();
  });

  it("subscribes only, where the grammar has no words for giving up what comes again", async () => {
    const rig = new FeedRig({
      grammar: {
        ...GRAMMAR,
        encode: (command) => (command.isResync === true ? undefined : GRAMMAR.encode(command)),
      },
    });
    const [a] = await rig.live("a");
    rig.feed.resync("a");
    await rig.world.run(10);
    expect(rig.venue.seat.commands).toEqual(["sub a", "sub a"]);
    expect(a?.state.snapshot.phase).toBe("live");
    a?.close();
    await rig.world.settle();
    expect(rig.venue.seat.commands.at(-1)).toBe("unsub a");
    await rig.end();
  });

  it("that is asked for before the subscription is answered follows it", async () => {
    const rig = new FeedRig();
    rig.venue.onSeat = (seat) => (seat.answers = false);
    const a = rig.subscribe("a");
    await rig.world.run(10);
    rig.feed.resync("a");
    await rig.world.run(10);
    rig.venue.seat.say({ ok: 1 });
    await rig.world.settle();
    expect(a.state.snapshot.phase).toBe("subscribing");
    rig.venue.seat.answers = true;
    rig.venue.seat.say({ ok: 2 });
    await rig.until("live", a);
    expect(rig.venue.seat.commands).toEqual(["sub a", "unsub a", "sub a"]);
    await rig.end();
  });

  it("for another reader leaves what is known: the topic is stale until its answer", async () => {
    const rig = new FeedRig();
    const [a] = await rig.live("a");
    rig.venue.seat.answers = false;
    rig.feed.resync("a", false);
    await rig.world.run(10);
    rig.venue.publish("a");
    await rig.world.settle();
    // What comes before the cancellation is answered is followed by a hole.
    expect([a?.state.snapshot.phase, a && ids(a)]).toEqual(["stale", []]);
    rig.venue.seat.answers = true;
    rig.venue.seat.say({ ok: 2 });
    await rig.world.settle();
    expect(a?.state.snapshot).toMatchObject({ phase: "live", recoveries: 0, gaps: 0 });
    expect(rig.venue.seat.commands).toEqual(["sub a", "unsub a", "sub a"]);
    // A loss that is noticed in the same turn counts.
    rig.feed.resync("a");
    rig.feed.resync("a", false);
    await rig.world.run(400);
    expect(a?.state.snapshot.recoveries).toBe(1);
    await rig.end();
  });

  it("that has to wait for its turn lets no event of before make the topic live", async () => {
    const commands = { maxTopics: 1, maxInFlight: 1, answerTimeoutMs: 5_000, maxUnanswered: 3 };
    const rig = new FeedRig({ commands });
    const [a] = await rig.live("a");
    rig.venue.seat.answers = false;
    rig.subscribe("b");
    rig.feed.resync("a");
    await rig.world.run(10);
    rig.venue.publish("a");
    await rig.world.settle();
    expect(a?.state.snapshot.phase).toBe("recovering");
    await rig.end();
  });

  it("is over with the connection, and is not repeated on the next one", async () => {
    const rig = new FeedRig();
    const [a] = await rig.live("a");
    rig.feed.resync("a");
    rig.venue.seat.peer.reset();
    await rig.until("recovering", ...(a === undefined ? [] : [a]));
    await rig.until("live", ...(a === undefined ? [] : [a]));
    await rig.world.run(60_000);
    expect(rig.venue.seat.commands).toEqual(["sub a"]);
    await rig.end();
  });
});

describe("limits by channel", () => {
  it("spread topics over connections, with those that the venue has not given up yet", async () => {
    const rig = new FeedRig({
      maxTopicsPerConnection: 4,
      channelLimits: { channelOf: (topic) => topic.slice(0, 1), max: { b: 2 } },
    });
    const [, , third] = await rig.live("b1", "b2", "b3", "t1", "t2");
    const carried = (): string[] => rig.venue.open.map(({ topics }) => [...topics].join());
    expect(carried()).toEqual(["b1,b2,t1,t2", "b3"]);
    const [, second] = rig.venue.seats;
    if (second !== undefined) second.answers = false;
    await rig.live("t3");
    third?.close();
    await rig.world.run(10);
    await rig.live("b4", "b5").catch(() => undefined);
    expect(
      carried().every((topics) => topics.split(",").filter((name) => name[0] === "b").length <= 2),
    ).toBe(true);
    await rig.end();
  });
});

describe("answers by topic", () => {
  it("settle each topic of a command by itself, and the command with the last one", async () => {
    const rig = new FeedRig({
      commands: { maxTopics: 3, maxInFlight: 1, answerTimeoutMs: 5_000, maxUnanswered: 3 },
    });
    rig.venue.onSeat = (seat) => {
      seat.answersByTopic = true;
      seat.answers = false;
    };
    const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => rig.subscribe(name));
    const phases = (): unknown[] => [a, b, c, d].map((one) => one?.state.snapshot.phase);
    await rig.world.run(10);
    rig.venue.seat.say({ not: "c" });
    await rig.world.settle();
    expect(phases()).toEqual(["subscribing", "subscribing", "failed", "subscribing"]);
    rig.venue.seat.say({ got: "a", id: 1 });
    await rig.world.settle();
    expect(phases()).toEqual(["live", "subscribing", "failed", "subscribing"]);
    // Of a command that no caller waits for.
    rig.venue.seat.say({ got: "b", id: 99 });
    await rig.world.settle();
    expect(phases()[1]).toBe("subscribing");
    expect(rig.venue.seat.commands).toEqual(["sub a,b,c"]);
    rig.venue.seat.say({ got: "b" });
    await rig.world.settle();
    expect(rig.venue.seat.commands).toEqual(["sub a,b,c", "sub d"]);
    rig.venue.seat.answers = true;
    rig.venue.seat.say({ got: "d", id: 2 });
    await rig.world.settle();
    expect(phases()).toEqual(["live", "live", "failed", "live"]);
    a?.close();
    await rig.world.run(20_000);
    expect(rig.venue.seat.commands).toEqual(["sub a,b,c", "sub d", "unsub a"]);
    await rig.end();
  });

  it("that fail to come are asked for again, and the others are not", async () => {
    const rig = new FeedRig();
    rig.venue.onSeat = (seat) => {
      seat.answersByTopic = true;
      seat.answers = false;
    };
    const [a, b] = ["a", "b"].map((name) => rig.subscribe(name));
    await rig.world.run(10);
    rig.venue.seat.say({ got: "a" });
    await rig.world.run(6_000);
    expect(rig.venue.seat.commands).toEqual(["sub a,b", "sub b"]);
    expect([a, b].map((one) => one?.state.snapshot.phase)).toEqual(["live", "subscribing"]);
    await rig.end();
  });
});

describe("the venue's status", () => {
  it("is a level, which is not known any more when its connection ends", async () => {
    const rig = new FeedRig();
    const [a] = await rig.live("a");
    expect(rig.feed.venueStatus.snapshot.state).toBe("unknown");
    const seen: string[] = [];
    void (async () => {
      for await (const { state } of rig.feed.venueStatus) seen.push(state);
    })();
    rig.venue.seat.say({ status: "open" });
    await rig.world.settle();
    rig.venue.seat.say({ status: "halted" });
    await rig.world.settle();
    rig.venue.seat.peer.reset();
    await rig.until("recovering", ...(a === undefined ? [] : [a]));
    await rig.world.settle();
    expect(seen).toEqual(["unknown", "open", "halted", "unknown"]);
    await rig.end();
    expect(rig.feed.venueStatus.isFinal).toBe(true);
  });

  it("of a halted venue excuses its silence, until it trades again", async () => {
    const rig = new FeedRig({
      mute: { afterMs: 10_000, maxAfterMs: 40_000, calmMs: 0, isTelling: () => true },
    });
    const a = rig.subscribe("a", { ...UNCOUNTED, rhythmMs: 5_000 });
    await rig.until("live", a);
    rig.venue.seat.say({ status: "halted" });
    await rig.world.run(600_000);
    expect(rig.venue.seats).toHaveLength(1);
    expect(a.state.snapshot.phase).toBe("stale");
    rig.venue.seat.say({ status: "open" });
    await rig.world.runUntil(() => rig.venue.seats.length === 2, 60_000);
    await rig.end();
  });
});

describe("events that the grammar knows to be missing", () => {
  it("are told of every topic before the event that showed it, quiet topics included", async () => {
    const rig = new FeedRig();
    const a = rig.subscribe("a", UNCOUNTED);
    const quiet = rig.subscribe("quiet", UNCOUNTED);
    await rig.until("live", a, quiet);
    rig.venue.publish("a", "quiet");
    rig.venue.seat.say({ t: "a", n: 7, hole: true });
    await rig.world.settle();
    const events = [a.take(), a.take()];
    expect(events.map((event) => [event?.data.n, event?.gaps])).toEqual([
      [1, 0],
      [7, 1],
    ]);
    expect([a, quiet].map(({ gaps }) => gaps.map(({ reason }) => reason))).toEqual([
      ["venue"],
      ["venue"],
    ]);
    expect(quiet.state.snapshot).toMatchObject({ phase: "live", breaks: 1 });
    await rig.end();
  });
});
