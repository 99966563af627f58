import { describe, expect, it } from "vitest";
import type { WsError } from "@oath-ws/contract";
import type { Grammar } from "@oath-ws/venue-kit";
import { COMMANDS, FeedRig, ids, numbers } from "./support/feed-rig.js";
import { GRAMMAR } from "./support/toy-venue.js";

describe("a venue that stops reading and goes on sending", () => {
  it("is told within the bound, and the connection is replaced", async () => {
    // The transport's own watch over writes, which is faster, is off.
    const rig = new FeedRig({ config: { liveness: { writeStallMs: false } } });
    const [a] = await rig.live("a");
    rig.venue.seat.peer.stopReading();
    const b = rig.subscribe("b");
    await rig.publishFor(59_900, "a");
    expect([a?.state.snapshot.phase, b.state.snapshot.phase]).toEqual(["live", "subscribing"]);
    await rig.publishFor(10_000, "a");
    expect(rig.venue.seats).toHaveLength(2);
    expect(b.state.snapshot).toMatchObject({ phase: "live" });
    expect(a?.state.snapshot.phase).toBe("live");
    await rig.end();
  });

  it("says so in the state of the topic that waits", async () => {
    const rig = new FeedRig({ commands: { ...COMMANDS, handOverTimeoutMs: 5_000 } });
    await rig.live("a");
    rig.leaf.otherwise = { kind: "hang" };
    rig.venue.seat.peer.stopReading();
    const b = rig.subscribe("b");
    await rig.publishFor(7_000, "a");
    expect(b.state.snapshot.cause?.message).toMatch(/does not take commands/);
    await rig.end();
  });
});

describe("a command that our own rate limit holds back", () => {
  const limited = { send: { rateLimit: { max: 1, windowMs: 50_000 } } };
  const quiet = { liveness: { probeAfterMs: 1e6, staleAfterMs: 2e6, deadAfterMs: 3e6 } };

  it("is withdrawn and asked for again; the connection is well", async () => {
    const rig = new FeedRig({
      config: { ...limited, ...quiet },
      commands: { ...COMMANDS, handOverTimeoutMs: 10_000 },
    });
    await rig.live("a");
    const b = rig.subscribe("b");
    await rig.world.run(20_000);
    expect(b.state.snapshot).toMatchObject({
      phase: "subscribing",
      cause: { code: "COMMAND_STALLED" },
    });
    await rig.until("live", b);
    expect(rig.venue.seats).toHaveLength(1);
    expect(rig.venue.seat.commands).toEqual(["sub a", "sub b"]);
    await rig.end();
  });

  it("belongs to its connection, and is not said on the next one", async () => {
    const rig = new FeedRig({ config: { ...limited, ...quiet } });
    const [a] = await rig.live("a");
    const b = rig.subscribe("b");
    await rig.world.run(1_000);
    rig.venue.seat.peer.reset();
    await rig.world.run(200_000);
    expect([a?.state.snapshot.phase, b.state.snapshot.phase]).toEqual(["live", "live"]);
    expect(rig.venue.seats.map(({ commands }) => commands)).toEqual([["sub a"], ["sub a,b"]]);
    await rig.end();
  });

  it("takes its question with it: one that is too late does not leave", async () => {
    const rig = new FeedRig({ config: { ...limited, ...quiet } });
    await rig.live("a");
    const asked = rig.feed.query((id) => JSON.stringify({ ask: id, about: "order" }));
    const fate = asked.catch((error: unknown) => (error as WsError).code);
    expect(await rig.world.complete(fate)).toBe("QUERY_TIMEOUT");
    await rig.world.run(200_000);
    expect(rig.venue.seat.commands).toEqual(["sub a"]);
    await rig.end();
  });

  it("does not shorten the time for its answer, which counts from when it left", async () => {
    const rig = new FeedRig({ config: { send: { rateLimit: { max: 1, windowMs: 4_000 } } } });
    await rig.live("a");
    rig.venue.seat.delayMs = 4_500;
    const asked = rig.feed.query((id) => JSON.stringify({ ask: id, about: "order" }));
    expect(await rig.world.complete(asked)).toEqual(["order"]);
    await rig.end();
  });
});

describe("commands without an answer", () => {
  it("are told, and end the connection only when several are unanswered in a row", async () => {
    const rig = new FeedRig();
    await rig.live("a");
    const { seat } = rig.venue;
    const topics = ["b", "c", "d"].map((name) => ({ name, answered: false }));
    for (const { name } of topics) {
      // Two remain unanswered, the third is answered: never three in a row.
      seat.answers = false;
      const topic = rig.subscribe(name);
      await rig.world.run(9_000);
      expect(topic.state.snapshot).toMatchObject({
        phase: "subscribing",
        cause: { code: "COMMAND_UNANSWERED" },
      });
      seat.answers = true;
      await rig.world.run(5_000);
      expect(topic.state.snapshot.phase).toBe("live");
    }
    expect(rig.venue.seats).toHaveLength(1);
    await rig.end();
  });

  it("end connections after pauses that grow, while a venue answers none", async () => {
    const rig = new FeedRig();
    rig.venue.onSeat = (seat) => (seat.answers = false);
    const a = rig.subscribe("a");
    await rig.world.run(3_600_000);
    expect(rig.venue.seats.length).toBeGreaterThan(5);
    expect(rig.venue.seats.length).toBeLessThan(20);
    rig.venue.onSeat = () => undefined;
    for (const seat of rig.venue.seats) seat.answers = true;
    await rig.until("live", a);
    await rig.end();
  });
});

describe("a grammar that throws for a command", () => {
  const failing = (fails: (topic: string) => boolean): Grammar => ({
    ...GRAMMAR,
    encode: (command) => {
      if (command.topics.some(fails)) throw new Error("no such symbol");
      return GRAMMAR.encode(command);
    },
  });

  it("harms the topic to blame alone, which is tried again after growing pauses", async () => {
    let calls = 0;
    const grammar = failing((topic) => topic === "bad" && ++calls > 0);
    const rig = new FeedRig({ grammar });
    const [a] = await rig.live("a");
    rig.venue.seat.peer.reset();
    const bad = rig.subscribe("bad");
    const others = ["b", "c", "d"].map((name) => rig.subscribe(name));
    await rig.world.run(300_000);
    expect([a, ...others].map((topic) => topic?.state.snapshot.phase)).toEqual(
      numbers(1, 4).map(() => "live"),
    );
    expect(bad.state.snapshot).toMatchObject({
      phase: "subscribing",
      cause: { code: "ENCODE_FAULT" },
    });
    expect(calls).toBeGreaterThan(5);
    expect(calls).toBeLessThan(20);
    expect(rig.faults).toHaveLength(calls);
    rig.venue.publish("a", "b");
    await rig.world.settle();
    expect(others.slice(0, 1).map(ids)).toEqual([[1]]);
    await rig.end();
  });

  it("once, costs a topic nothing but a pause", async () => {
    let left = 1;
    const rig = new FeedRig({ grammar: failing(() => left-- > 0) });
    const a = rig.subscribe("a");
    await rig.world.run(1_500);
    expect(a.state.snapshot.phase).toBe("live");
    expect(rig.faults).toMatchObject([{ code: "ENCODE_FAULT" }]);
    await rig.end();
  });

  it("is told of, and no topic is harmed, when it is asked whether an answer will come", async () => {
    let left = 2;
    const isAnswered = (): boolean => {
      if (left-- > 0) throw new Error("no idea");
      return true;
    };
    const rig = new FeedRig({ grammar: { ...GRAMMAR, isAnswered } });
    await rig.live("a");
    expect(rig.faults).toHaveLength(2);
    await rig.end();
  });

  it("fails a question that cannot be encoded, and leaves nothing behind", async () => {
    const rig = new FeedRig();
    await rig.live("a");
    const fate = rig.feed.query(() => {
      throw new Error("no words");
    });
    await expect(fate).rejects.toMatchObject({ code: "ENCODE_FAULT" });
    await rig.end();
  });
});

const MANY = 10_000;

describe("the cost of many topics at once", () => {
  const commands = { maxTopics: 100, maxInFlight: 5, answerTimeoutMs: 5_000, maxUnanswered: 3 };

  it("is linear while they wait for a login", async () => {
    let looks = 0;
    const rig = new FeedRig({
      maxTopicsPerConnection: 2 * MANY,
      commands,
      needsLogin: (topic) => {
        looks++;
        return topic !== "open";
      },
      login: { run: () => rig.world.delay(5_000), classify: () => "transient" },
    });
    await rig.world.run(1_000);
    const topics = numbers(1, MANY).map((n) => rig.subscribe(`t${n}`));
    expect(looks).toBeLessThan(5 * MANY);
    // One that needs no login is not held up by those that do.
    await rig.until("live", rig.subscribe("open"));
    expect(looks).toBeLessThan(5 * MANY);
    await rig.until("live", ...topics);
    // Each event looks, too, and each answer tells its topics.
    expect(looks).toBeLessThan(20 * MANY);
    for (const topic of topics) topic.close();
    await rig.world.run(60_000);
    expect(looks).toBeLessThan(30 * MANY);
    expect(rig.venue.seat.topics.size).toBe(1);
    await rig.end();
  });

  it("is linear when each is refused for now by itself", async () => {
    // Each has a pause of its own, which makes them dearer than the others here.
    const many = MANY / 5;
    let looks = 0;
    const rig = new FeedRig({
      maxTopicsPerConnection: 2 * many,
      commands: { ...commands, maxTopics: 1 },
      needsLogin: () => {
        looks++;
        return false;
      },
    });
    rig.venue.onSeat = (seat) => (seat.mood = "busy");
    const topics = numbers(1, many).map((n) => rig.subscribe(`t${n}`));
    await rig.world.run(200);
    expect(rig.venue.seat.commands.length).toBe(many);
    expect(looks).toBeLessThan(30 * many);
    rig.venue.seat.mood = undefined;
    await rig.until("live", ...topics);
    await rig.end();
  });
});
