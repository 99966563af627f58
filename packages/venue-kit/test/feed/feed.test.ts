import { isWsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import type { Grammar } from "@oath-ws/venue-kit";
import { FeedRig, ids, numbers } from "../support/feed-rig.js";
import { COUNTED, GRAMMAR, UNCOUNTED } from "../support/toy-venue.js";

describe("subscribing", () => {
  it("works before the connection is up", async () => {
    const rig = new FeedRig();
    const a = rig.subscribe("a");
    expect(a.state.snapshot.phase).toBe("subscribing");
    expect(rig.venue.seats).toEqual([]);
    await rig.until("live", a);
    rig.venue.publish("a");
    await rig.world.settle();
    expect(ids(a)).toEqual([1]);
    await rig.end();
    expect(a.state.snapshot).toMatchObject({ phase: "closed", recoveries: 0, cause: undefined });
    expect(await a.readable()).toBe(false);
  });

  it("asks the venue once for a topic that several hold, and cancels it with the last", async () => {
    const rig = new FeedRig();
    const [one] = await rig.live("a");
    const two = rig.subscribe("a");
    rig.venue.publish("a");
    await rig.world.settle();
    one?.close();
    rig.venue.publish("a");
    await rig.world.settle();
    expect(ids(two)).toEqual([1, 2]);
    expect(rig.venue.seat.commands).toEqual(["sub a"]);
    two.close();
    await rig.world.settle();
    expect(rig.venue.seat.commands).toEqual(["sub a", "unsub a"]);
    expect(rig.feed.topics).toEqual([]);
    expect(two.state.snapshot.phase).toBe("closed");
    await rig.end();
  });

  it("never has more commands unanswered, or larger ones, than the venue allows", async () => {
    const rig = new FeedRig();
    rig.venue.onSeat = (seat) => (seat.answers = false);
    for (const name of "abcdefghij") rig.subscribe(name);
    await rig.world.run(100);
    expect(rig.venue.seat.commands).toEqual(["sub a,b,c", "sub d,e,f"]);
    rig.venue.seat.say({ ok: 1 });
    await rig.world.settle();
    expect(rig.venue.seat.commands).toEqual(["sub a,b,c", "sub d,e,f", "sub g,h,i"]);
    await rig.end();
  });

  it("again, right after a cancellation, brings nothing of the subscription before", async () => {
    const rig = new FeedRig();
    const [before] = await rig.live("a");
    rig.venue.seat.delayMs = 100;
    rig.venue.publish("a");
    before?.close();
    await rig.world.settle();
    const a = rig.subscribe("a", UNCOUNTED);
    rig.venue.publish("a");
    await rig.until("live", a);
    rig.venue.publish("a");
    await rig.world.run(100);
    expect([ids(a), a.gaps]).toEqual([[3], []]);
    await rig.end();
  });

  it("spreads topics over connections, and closes those that become empty, but one", async () => {
    const rig = new FeedRig({ maxTopicsPerConnection: 2 });
    const subscriptions = await rig.live("a", "b", "c", "d", "e");
    expect(rig.venue.open.map(({ topics }) => [...topics])).toEqual([
      ["a", "b"],
      ["c", "d"],
      ["e"],
    ]);
    expect(rig.feed.connections.map(({ topics }) => topics)).toEqual([2, 2, 1]);
    subscriptions[2]?.close();
    await rig.world.settle();
    rig.subscribe("f");
    await rig.world.settle();
    expect(rig.venue.open.map(({ topics }) => [...topics])).toEqual([
      ["a", "b"],
      ["d"],
      ["e", "f"],
    ]);
    for (const subscription of subscriptions) subscription.close();
    await rig.world.settle();
    expect(rig.venue.open.map(({ topics }) => [...topics])).toEqual([["f"]]);
    await rig.end();
  });

  it("keeps one connection when all become empty at once", async () => {
    const rig = new FeedRig({ maxTopicsPerConnection: 1 });
    const subscriptions = await rig.live("a", "b", "c");
    for (const subscription of subscriptions) subscription.close();
    await rig.world.run(10_000);
    expect(rig.venue.open).toHaveLength(1);
    await rig.end();
  });

  it("that is refused for wrong options leaves nothing of the topic", async () => {
    const rig = new FeedRig();
    const wrong = { policy: { kind: "reliable", maxEvents: 0 } } as const;
    expect(() => rig.subscribe("a", COUNTED, wrong)).toThrowError(/policy\.maxEvents/);
    expect(rig.feed.topics).toEqual([]);
    await rig.live("a");
    expect(rig.venue.seat.commands).toEqual(["sub a"]);
    await rig.end();
  });

  it.each([
    [{ staleAfterMs: 0 }, /staleAfterMs/],
    [{ reconnectAfterMs: 1_000 }, /reconnectAfterMs/],
    [{ staleAfterMs: 1_000, reconnectAfterMs: 1_000 }, /reconnectAfterMs/],
  ])("refuses %o", async (options, message) => {
    const rig = new FeedRig();
    expect(() => rig.subscribe("a", COUNTED, options)).toThrowError(message);
    await rig.end();
  });

  it("is refused after a shutdown", async () => {
    const rig = new FeedRig();
    await rig.end();
    expect(() => rig.subscribe("a")).toThrowError(expect.objectContaining({ code: "SHUT_DOWN" }));
  });
});

describe("a reconnect", () => {
  it("restores what is wanted then, once, and nothing that was cancelled", async () => {
    const rig = new FeedRig();
    const [a, b, c] = await rig.live("a", "b", "c");
    for (let epoch = 2; epoch <= 4; epoch++) {
      rig.venue.publish("a", "b", "c");
      await rig.world.run(100);
      rig.venue.seat.peer.reset();
      await rig.world.settle();
      expect([a, b, c].map((one) => one?.state.snapshot.phase)).toEqual(
        epoch === 2
          ? ["recovering", "recovering", "recovering"]
          : ["recovering", "closed", "recovering"],
      );
      if (epoch === 2) b?.close();
      await rig.world.runUntil(
        () => rig.venue.seats.length === epoch && a?.state.snapshot.phase === "live",
      );
      expect(rig.venue.seat.commands).toEqual(["sub a,c"]);
    }
    expect(a?.state.snapshot).toMatchObject({
      recoveries: 3,
      epoch: 4,
      cause: { code: "SOCKET_LOST" },
    });
    await rig.end();
  });

  it("names exactly what was missed where there are ids, and suspects a gap where there are none", async () => {
    const rig = new FeedRig();
    const counted = rig.subscribe("counted");
    const uncounted = rig.subscribe("uncounted", UNCOUNTED);
    const both = ["counted", "uncounted"];
    await rig.until("live", counted, uncounted);
    await rig.publishFor(500, ...both);
    rig.venue.seat.peer.reset();
    for (let round = 0; round < 3; round++) rig.venue.publish(...both);
    await rig.until("recovering", counted, uncounted);
    await rig.until("live", counted, uncounted);
    await rig.publishFor(200, ...both);
    expect(ids(counted)).toEqual([...numbers(1, 5), 9, 10]);
    expect(ids(uncounted)).toEqual([...numbers(1, 5), 9, 10]);
    expect(counted.gaps).toMatchObject([{ fromSeq: 6, toSeq: 8, reason: "reconnect", epoch: 2 }]);
    expect(uncounted.gaps).toMatchObject([
      { fromSeq: undefined, toSeq: undefined, reason: "reconnect", epoch: 2 },
    ]);
    await rig.end();
  });

  it("does not take an answer of the connection that broke for a sign of life", async () => {
    const rig = new FeedRig();
    rig.venue.onSeat = (seat) => (seat.answers = false);
    const a = rig.subscribe("a");
    await rig.world.run(100);
    const { seat } = rig.venue;
    expect(seat.commands).toEqual(["sub a"]);
    rig.leaf.otherwise = { kind: "hang" };
    // The answer waits behind so much else that the end of the connection is known before it is
    // read.
    for (let n = 1; n <= 1_000; n++) seat.say({ t: "unheld", n });
    seat.say({ ok: 1 });
    seat.peer.reset();
    await rig.world.run(1_000);
    expect(a.state.snapshot.phase).toBe("subscribing");
    await rig.end();
  });
});

describe("commands", () => {
  it("that stay unanswered are repeated, then the connection is given up", async () => {
    const rig = new FeedRig();
    rig.venue.onSeat = (seat) => (seat.answers = rig.venue.seats.length > 1);
    const a = rig.subscribe("a");
    await rig.world.run(14_000);
    expect(rig.venue.seats.map(({ commands }) => commands)).toEqual([["sub a", "sub a", "sub a"]]);
    await rig.until("live", a);
    expect(rig.venue.seats.map(({ commands }) => commands)).toEqual([
      ["sub a", "sub a", "sub a"],
      ["sub a"],
    ]);
    expect(rig.venue.seats[0]?.peer.isOpen).toBe(false);
    await rig.end();
  });

  it("leave no zombie when the answer was lost and the topic is not wanted any more", async () => {
    const rig = new FeedRig();
    rig.venue.onSeat = (seat) => (seat.answers = false);
    const a = rig.subscribe("a");
    await rig.world.run(100);
    a.close();
    rig.venue.seat.answers = true;
    await rig.world.run(20_000);
    expect([...rig.venue.seat.topics]).toEqual([]);
    await rig.end();
  });

  it("that need no words are carried out by themselves", async () => {
    const rig = new FeedRig({ grammar: { ...GRAMMAR, encode: () => undefined } });
    await rig.live("a", "b");
    expect(rig.venue.seat.commands).toEqual([]);
    await rig.end();
  });
});

describe("a refused topic", () => {
  it("fails alone, with the cause", async () => {
    const rig = new FeedRig();
    rig.venue.refused.add("bad");
    const [a, bad, b] = [rig.subscribe("a"), rig.subscribe("bad"), rig.subscribe("b")];
    await rig.until("live", a, b);
    await rig.until("failed", bad);
    expect(bad.state.snapshot.cause).toMatchObject({ code: "REFUSED" });
    await expect(bad.readable()).rejects.toMatchObject({ code: "REFUSED" });
    expect(rig.feed.topics.toSorted()).toEqual(["a", "b"]);
    rig.venue.seat.peer.reset();
    await rig.until("recovering", a);
    await rig.until("live", a, b);
    expect(rig.venue.seat.commands.join()).not.toContain("bad");
    await rig.end();
  });

  it("can be subscribed again, and closing the failed subscription does not touch the new one", async () => {
    const rig = new FeedRig();
    rig.venue.refused.add("a");
    const failed = rig.subscribe("a");
    await rig.until("failed", failed);
    rig.venue.refused.delete("a");
    const [again] = await rig.live("a");
    failed.close();
    await rig.world.settle();
    expect(again?.state.snapshot.phase).toBe("live");
    expect(rig.feed.topics).toEqual(["a"]);
    expect([...rig.venue.seat.topics]).toEqual(["a"]);
    await rig.end();
  });
});

describe("questions", () => {
  it("are put on every connection, and answered, refused, or cut off", async () => {
    const rig = new FeedRig({ maxTopicsPerConnection: 1 });
    await rig.live("a", "b");
    const ask = (about: string) => rig.feed.query((id) => JSON.stringify({ ask: id, about }));
    expect(await rig.world.complete(ask("weather"))).toEqual(["weather", "weather"]);
    await expect(rig.world.complete(ask("nonsense"))).rejects.toMatchObject({ code: "REFUSED" });
    for (const seat of rig.venue.open) seat.answers = false;
    await expect(rig.world.complete(ask("weather"))).rejects.toMatchObject({
      code: "QUERY_TIMEOUT",
    });
    const cut = ask("weather").catch((error: unknown) => (isWsError(error) ? error.code : "?"));
    await rig.world.settle();
    rig.venue.seat.peer.reset();
    expect(await rig.world.complete(cut)).toBe("ANSWER_LOST");
    await rig.end();
  });
});

describe("frames", () => {
  it("that our buffer dropped become a gap in every topic that may miss them", async () => {
    const rig = new FeedRig({ config: { buffer: { maxFrames: 8 } } });
    const a = rig.subscribe("a");
    const b = rig.subscribe("b", UNCOUNTED);
    const c = rig.subscribe("c");
    await rig.until("live", a, b, c);
    rig.venue.publish("a", "b", "c");
    await rig.world.settle();
    // All in one read: no reader can take any meanwhile.
    for (let round = 0; round < 20; round++) rig.venue.publish("a", "b");
    await rig.world.settle();
    rig.venue.publish("c");
    await rig.world.settle();
    expect(ids(a)).toEqual([1, ...numbers(18, 21)]);
    expect(a.gaps).toMatchObject([{ fromSeq: 2, toSeq: 17, reason: "lagged" }]);
    expect(b.gaps).toMatchObject([{ fromSeq: undefined, reason: "lagged" }]);
    expect(c.gaps).toEqual([]);
    expect(a.state.snapshot).toMatchObject({ phase: "live", epoch: 1, gaps: 1 });
    await rig.end();
  });

  it("that cannot be read are told, and suspected of having been anybody's", async () => {
    const rig = new FeedRig();
    const a = rig.subscribe("a");
    const b = rig.subscribe("b", UNCOUNTED);
    await rig.until("live", a, b);
    rig.venue.publish("a", "b");
    rig.venue.seat.peer.text("{");
    rig.venue.publish("a", "b");
    await rig.world.settle();
    expect(rig.faults).toEqual([expect.any(SyntaxError)]);
    expect([ids(a), ids(b)]).toEqual([numbers(1, 2), numbers(1, 2)]);
    expect([a.gapCount, b.gaps]).toMatchObject([0, [{ reason: "malformed" }]]);
    await rig.end();
  });

  it("that cannot be read concern only the topics that the grammar names, and once", async () => {
    const grammar: Grammar = {
      ...GRAMMAR,
      receive: (frame, inbox) => {
        const text = frame.text();
        const error = new SyntaxError(text);
        if (text.startsWith("{odd")) inbox.unreadable((topic) => text.includes(topic, 4), error);
        else GRAMMAR.receive(frame, inbox);
      },
    };
    const rig = new FeedRig({ grammar });
    const [a, b, c] = [
      rig.subscribe("a", UNCOUNTED),
      rig.subscribe("b", UNCOUNTED),
      rig.subscribe("c", UNCOUNTED),
    ];
    await rig.until("live", a, b, c);
    rig.venue.publish("a", "b", "c");
    rig.venue.seat.peer.text("{odd b");
    rig.venue.publish("a", "b", "c");
    await rig.world.settle();
    expect([a.gapCount, b.gaps, c.gapCount]).toMatchObject([0, [{ reason: "malformed" }], 0]);
    expect(rig.faults).toEqual([expect.any(SyntaxError)]);
    // The next break is everybody's again.
    rig.venue.seat.peer.text("{");
    rig.venue.publish("a", "b", "c");
    await rig.world.settle();
    expect([a.gapCount, b.gapCount, c.gapCount]).toEqual([1, 2, 1]);
    expect(b.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    await rig.end();
  });

  it("cost their gap and no more when the one who is told of faults throws", async () => {
    const rig = new FeedRig({
      onFault: () => {
        throw new Error("listener");
      },
    });
    const [a] = await rig.live("a");
    rig.venue.seat.peer.text("{");
    await rig.world.run(10_000);
    expect(a?.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    expect(rig.venue.seats).toHaveLength(1);
    await rig.end();
  });

  it("of a topic that is not held are ignored", async () => {
    const rig = new FeedRig();
    const [a] = await rig.live("a");
    rig.venue.seat.say({ t: "unheld", n: 1 });
    await rig.world.settle();
    expect([rig.faults, a?.gapCount]).toEqual([[], 0]);
    await rig.end();
  });
});

describe("a session that the venue ends", () => {
  it("on a living socket is begun again, with a gap in between", async () => {
    const rig = new FeedRig();
    const a = rig.subscribe("a", UNCOUNTED);
    await rig.until("live", a);
    rig.venue.publish("a");
    const { seat } = rig.venue;
    seat.topics.clear();
    seat.say({ out: "another client came" });
    await rig.world.settle();
    expect(a.state.snapshot).toMatchObject({
      phase: "live",
      recoveries: 1,
      cause: { code: "LOGGED_OUT" },
    });
    rig.venue.publish("a");
    await rig.world.settle();
    expect(rig.venue.seats).toHaveLength(1);
    expect(seat.commands).toEqual(["sub a", "sub a"]);
    expect(a.gaps).toMatchObject([{ reason: "reconnect" }]);
    await rig.end();
  });

  it("for good takes its topics along, with the cause", async () => {
    const rig = new FeedRig();
    const [a] = await rig.live("a");
    rig.venue.seat.say({ fatal: "banned" });
    await rig.world.run(10_000);
    expect(a?.state.snapshot).toMatchObject({ phase: "failed", cause: { code: "BANNED" } });
    expect(rig.feed.topics).toEqual([]);
    rig.expectNothingLeft();
    const [again] = await rig.live("a");
    expect(again?.state.snapshot.phase).toBe("live");
    await rig.end();
  });
});
