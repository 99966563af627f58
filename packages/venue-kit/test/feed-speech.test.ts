import type { EpochContext, EpochSession, Grammar } from "@oath-ws/venue-kit";
import { RollingLimit } from "@oath-ws/venue-kit";
import { ConfigError, WsError } from "@oath-ws/contract";
import { EpochSessions } from "../src/connection/epoch-sessions.js";
import { describe, expect, it } from "vitest";
import { FeedRig } from "./support/feed-rig.js";
import type { FeedRigOptions } from "./support/feed-rig.js";
import { GRAMMAR, UNCOUNTED } from "./support/toy-venue.js";

const codes = (rig: FeedRig): unknown[] =>
  rig.faults.map((fault) => (fault instanceof WsError ? fault.code : fault));

describe("beforeSend", () => {
  it("signs each message in its turn: logins, and every message of a command", async () => {
    const seen: string[] = [];
    const rig = new FeedRig({
      grammar: {
        ...GRAMMAR,
        // One message for each topic.
        encode: ({ id, topics }) =>
          topics.map((topic) => JSON.stringify({ sub: id, topics: [topic] })),
      },
      login: {
        run: async ({ ask }) => void (await ask((id) => JSON.stringify({ ask: id, about: "in" }))),
        classify: () => "transient",
      },
      beforeSend: async (message, { epoch, command }) => {
        await Promise.resolve();
        seen.push(`${epoch} ${command?.topics.join() ?? "-"}`);
        return `${message.slice(0, -1)},"sig":${seen.length}}`;
      },
    });
    const texts: string[] = [];
    rig.venue.onSeat = (seat) =>
      seat.peer.onFrame((frame) => {
        if (frame.kind === "text") texts.push(new TextDecoder().decode(frame.data));
      });
    await rig.live("a", "b");
    expect(seen).toEqual(["1 -", "1 a,b", "1 a,b"]);
    expect(texts.map((text) => (JSON.parse(text) as { sig: number }).sig)).toEqual([1, 2, 3]);
    expect(rig.venue.seat.commands).toEqual(["ask in", "sub a", "sub b"]);
    await rig.end();
  });

  it.each([
    { code: "SIGN_TIMEOUT", sign: () => new Promise<string>(() => undefined) },
    { code: "SIGN_FAULT", sign: () => Promise.reject(new Error("no key")) },
  ])("that fails with $code is told, and is tried again after pauses", async ({ code, sign }) => {
    let isWell = false;
    let tries = 0;
    const rig = new FeedRig({
      signTimeoutMs: 2_000,
      beforeSend: (message) => {
        tries++;
        return isWell ? message : sign();
      },
    });
    const a = rig.subscribe("a");
    await rig.world.run(2_100);
    expect(a.state.snapshot).toMatchObject({ phase: "subscribing", cause: { code } });
    expect(codes(rig)).toContain(code);
    await rig.world.run(60_000);
    expect(tries).toBeGreaterThan(2);
    expect(tries).toBeLessThan(12);
    expect(rig.venue.seats).toHaveLength(1);
    expect(rig.venue.seat.commands).toEqual([]);
    isWell = true;
    await rig.until("live", a);
    await rig.end();
  });

  it("that fails for a login is told as well", async () => {
    const rig = new FeedRig({
      beforeSend: () => Promise.reject(new Error("no key")),
      login: {
        run: async ({ ask }) => void (await ask((id) => JSON.stringify({ ask: id, about: "in" }))),
        classify: () => "transient",
      },
    });
    const a = rig.subscribe("a");
    await rig.world.run(100);
    expect(codes(rig)).toEqual(["SIGN_FAULT"]);
    expect(a.state.snapshot.cause).toMatchObject({ code: "SIGN_FAULT" });
    await rig.end();
  });

  it("of a connection that has ended holds nothing back on the next one", async () => {
    let hangs = true;
    const rig = new FeedRig({
      signTimeoutMs: 60_000,
      beforeSend: (message) => (hangs ? new Promise<string>(() => undefined) : message),
    });
    const a = rig.subscribe("a");
    await rig.world.run(1_000);
    hangs = false;
    rig.venue.seat.peer.reset();
    await rig.world.runUntil(() => a.state.snapshot.phase === "live", 10_000);
    expect(rig.venue.seat.commands).toEqual(["sub a"]);
    await rig.end();
  });

  it("is withdrawn when it cannot leave in time, and the connection goes on", async () => {
    const limiter = new RollingLimit({ max: 1, windowMs: 1_000 });
    const rig = new FeedRig({
      limiter,
      commands: {
        maxTopics: 1,
        maxInFlight: 2,
        answerTimeoutMs: 5_000,
        maxUnanswered: 3,
        handOverTimeoutMs: 2_000,
      },
    });
    const [a] = await rig.live("a");
    limiter.block(rig.world.timer.now(), 10_000);
    const b = rig.subscribe("b");
    await rig.world.run(3_000);
    expect(b.state.snapshot.cause).toMatchObject({ code: "COMMAND_STALLED" });
    await rig.until("live", b);
    expect(a?.state.snapshot.recoveries).toBe(0);
    await rig.end();
  });
});

describe("a limiter", () => {
  it("is kept by everything that shares it, over connections, in every window", async () => {
    const limiter = new RollingLimit({ max: 3, windowMs: 1_000 });
    const rig = new FeedRig({
      limiter,
      maxTopicsPerConnection: 2,
      commands: { maxTopics: 1, maxInFlight: 5, answerTimeoutMs: 60_000, maxUnanswered: 3 },
    });
    await rig.live("a", "b", "c", "d", "e", "f", "g", "h");
    const times = rig.venue.seats.flatMap(({ times: at }) => at).toSorted((x, y) => x - y);
    expect(times).toHaveLength(8);
    for (const [index, at] of times.entries())
      if (index >= 3) expect(at - (times[index - 3] ?? 0)).toBeGreaterThanOrEqual(1_000);
    await rig.end();
  });

  it("counts what sockets hold that take nothing: it may leave from all of them at once", async () => {
    const limiter = new RollingLimit({ max: 2, windowMs: 1_000 });
    const rig = new FeedRig({
      limiter,
      maxTopicsPerConnection: 1,
      commands: { maxTopics: 1, maxInFlight: 5, answerTimeoutMs: 60_000, maxUnanswered: 3 },
      config: { liveness: false },
    });
    const names = ["a", "b", "c", "d"];
    await rig.live(...names);
    await rig.world.run(2_000);
    for (const { peer } of rig.venue.seats) peer.stopReading();
    for (const name of names) rig.feed.resync(name);
    await rig.world.run(5_000);
    for (const { peer } of rig.venue.seats) peer.resumeReading();
    await rig.until("live", ...names.map((name) => rig.subscribe(name)));
    const times = rig.venue.seats.flatMap(({ times: at }) => at).toSorted((x, y) => x - y);
    expect(times).toHaveLength(12);
    for (const [index, at] of times.entries())
      if (index >= 2) expect(at - (times[index - 2] ?? 0)).toBeGreaterThanOrEqual(1_000);
    await rig.end();
  });

  it("is asked by a clock that counts sleep, and no step of the wall clock", async () => {
    const limiter = new RollingLimit({ max: 5, windowMs: 1_000 });
    const rig = new FeedRig({ limiter });
    await rig.live("a");
    rig.venue.seat.answers = false;
    rig.subscribe("b");
    await rig.world.settle();
    rig.venue.seat.say({ no: 2, why: "fast" });
    await rig.world.settle();
    limiter.block(rig.world.timer.now(), 600_000);
    rig.world.timer.stepWall(3_600_000);
    // A new connection has to wait as well.
    rig.venue.seat.peer.reset();
    await rig.world.run(10_000);
    expect(rig.venue.seats.map(({ commands }) => commands)).toEqual([["sub a", "sub b"], []]);
    rig.world.timer.sleep(600_000);
    await rig.world.runUntil(() => rig.venue.seat.commands.length > 0, 100_000);
    await rig.end();
  });

  it("hears that a message came too fast, and that something was carried out", async () => {
    const told: string[] = [];
    const limiter = {
      waitMs: () => 0,
      hold: () => undefined,
      left: () => undefined,
      refused: (now: number, statedMs: number | undefined) =>
        told.push(`refused ${now} ${statedMs}`),
      accepted: () => told.push("accepted"),
    };
    const rig = new FeedRig({ limiter });
    await rig.live("a");
    expect(told.splice(0)).toEqual(["accepted"]);
    rig.venue.seat.answers = false;
    rig.subscribe("b");
    await rig.world.settle();
    const now = rig.world.timer.now();
    rig.venue.seat.say({ no: 2, why: "fast", afterMs: 3_000 });
    await rig.world.settle();
    expect(told.splice(0)).toEqual([`refused ${now} 3000`]);
    // A question as well.
    const asked = rig.feed.query((id) => JSON.stringify({ ask: id, about: "balance" }));
    await rig.world.settle();
    rig.venue.seat.say({ no: 3, why: "fast" });
    await expect(rig.world.complete(asked)).rejects.toMatchObject({ code: "TOO_FAST" });
    expect(told).toEqual([`refused ${now} undefined`]);
    await rig.end();
  });
});

/** A grammar of one connection, which counts what it reads. */
class Counting implements Grammar, EpochSession {
  readonly grammar = this;
  readonly connection: EpochContext;
  frames = 0;
  ends = 0;
  readonly unanswereds: number[] = [];

  constructor(connection: EpochContext) {
    this.connection = connection;
  }

  readonly encode = GRAMMAR.encode;

  receive(...[frame, inbox]: Parameters<Grammar["receive"]>): void {
    this.frames++;
    GRAMMAR.receive(frame, inbox);
  }

  unanswered(id: number): void {
    this.unanswereds.push(id);
  }

  ended(): void {
    this.ends++;
  }
}

function countingRig(options: FeedRigOptions = {}): { rig: FeedRig; made: Counting[] } {
  const made: Counting[] = [];
  const rig = new FeedRig({
    grammar: undefined,
    onEpoch: (connection) => {
      const session = new Counting(connection);
      made.push(session);
      return session;
    },
    ...options,
  });
  return { rig, made };
}

describe("onEpoch", () => {
  it("makes what is kept of a connection before anything is said, and ends it once", async () => {
    const { rig, made } = countingRig();
    const a = rig.subscribe("a", UNCOUNTED);
    await rig.until("live", a);
    expect(made.map(({ connection: { epoch, isOpen } }) => [epoch, isOpen])).toEqual([[1, true]]);
    rig.venue.publish("a");
    // Arrives with the end of the connection, and is read by the grammar of its own connection.
    rig.venue.seat.peer.reset();
    await rig.until("recovering", a);
    await rig.until("live", a);
    expect(made.map(({ connection, ends }) => [connection.epoch, connection.isOpen, ends])).toEqual(
      [
        [1, false, 1],
        [2, true, 0],
      ],
    );
    expect(made.map(({ frames }) => frames)).toEqual([2, 1]);
    await rig.end();
    expect(made.map(({ ends }) => ends)).toEqual([1, 1]);
  });

  it("lets its adapter speak in that connection, and in no other", async () => {
    const { rig, made } = countingRig();
    await rig.live("a");
    const [first] = made;
    first?.connection.say([JSON.stringify({ say: "one" }), JSON.stringify({ say: "two" })]);
    const answer = first?.connection.query((id) => JSON.stringify({ ask: id, about: "time" }));
    await rig.world.settle();
    await expect(answer).resolves.toBe("time");
    expect(rig.venue.seat.commands).toEqual(["sub a", "say one", "say two", "ask time"]);
    first?.connection.giveUp("enough");
    await rig.world.runUntil(() => made.length === 2);
    await rig.world.settle();
    first?.connection.say(JSON.stringify({ say: "late" }));
    first?.connection.giveUp("late");
    await expect(first?.connection.query(() => "{}")).rejects.toMatchObject({
      code: "NOT_CONNECTED",
    });
    await rig.world.run(120_000);
    expect(made).toHaveLength(2);
    expect(rig.venue.seat.commands).toEqual(["sub a"]);
    await rig.end();
  });

  it("gives up connection after connection ever more slowly", async () => {
    const begun: number[] = [];
    const rig: FeedRig = new FeedRig({
      onEpoch: (connection) => {
        begun.push(rig.world.timer.now());
        connection.giveUp("no good");
        return undefined;
      },
    });
    rig.subscribe("a");
    await rig.world.run(600_000);
    expect(begun.length).toBeGreaterThan(8);
    expect(begun.length).toBeLessThan(25);
    await rig.end();
  });

  it("gives the connection up when something cannot be said on it", async () => {
    const { rig, made } = countingRig({
      beforeSend: (message) => {
        if (message.includes("say")) throw new Error("no key");
        return message;
      },
    });
    await rig.live("a");
    made[0]?.connection.say(JSON.stringify({ say: "x" }));
    await rig.world.runUntil(() => made.length === 2);
    expect(codes(rig)).toEqual(["SIGN_FAULT"]);
    await rig.end();
  });

  it("that throws is told, and its connection is given up", async () => {
    let throws = true;
    const rig = new FeedRig({
      onEpoch: () => {
        if (throws) throw new Error("not now");
        return undefined;
      },
    });
    const a = rig.subscribe("a");
    await rig.world.run(1_000);
    expect(codes(rig)).toContain("EPOCH_FAULT");
    throws = false;
    await rig.until("live", a);
    await rig.end();
  });

  it("hears of commands and questions whose answers are not waited for any more", async () => {
    const { rig, made } = countingRig();
    rig.venue.onSeat = (seat) => (seat.answers = false);
    rig.subscribe("a");
    await rig.world.run(100);
    made[0]?.connection
      .query((id) => JSON.stringify({ ask: id, about: "x" }))
      .catch(() => undefined);
    await rig.world.run(5_000);
    expect(made[0]?.unanswereds).toEqual([1, 2]);
    await rig.end();
  });

  it("refuses options without a grammar", () => {
    expect(() => new FeedRig({ grammar: undefined })).toThrow(ConfigError);
  });
});

describe("EpochSessions", () => {
  it("has frames read by the grammar of their own connection, though another one has begun", () => {
    const made: Counting[] = [];
    const unused = (): never => {
      throw new Error("not used");
    };
    const sessions = new EpochSessions(
      {
        onEpoch: (connection) => {
          const session = new Counting(connection);
          made.push(session);
          return session;
        },
      },
      { say: unused, query: unused, giveUp: unused, resync: unused, fault: unused },
    );
    sessions.begin(1);
    sessions.begin(3);
    expect(made.map(({ ends }) => ends)).toEqual([1, 0]);
    expect([sessions.reader(1), sessions.reader(3)]).toEqual(made);
    expect(sessions.grammar).toBe(made[1]);
    // Nothing was subscribed on a connection that was never noticed.
    sessions.begin(5);
    expect(sessions.reader(4)).not.toBeInstanceOf(Counting);
    expect(sessions.reader(5)).toBe(made[2]);
  });

  it("keeps what only connections left behind that brought nothing, and not for ever", () => {
    const sessions = new EpochSessions(
      { onEpoch: (connection) => new Counting(connection) },
      {
        say: () => undefined,
        query: () => Promise.resolve(),
        giveUp: () => undefined,
        resync: () => undefined,
        fault: () => undefined,
      },
    );
    for (let epoch = 1; epoch <= 100; epoch++) sessions.begin(epoch);
    expect(sessions.reader(1)).not.toBeInstanceOf(Counting);
    expect(sessions.reader(90)).toBeInstanceOf(Counting);
  });
});
