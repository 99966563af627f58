import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import type { GapReason, Session, TopicRules } from "@oath-ws/venue-kit";
import type { Subscription } from "../../src/topic/subscription.js";
import { Topic } from "../../src/topic/topic.js";

interface Range {
  readonly first: number;
  readonly last: number;
}

const COUNTED: TopicRules<Range> = {
  identity: ({ last }) => last,
  range: { firstId: ({ first }) => first, lastId: ({ last }) => last },
};
const UNCOUNTED: TopicRules<Range> = { identity: ({ last }) => last, range: undefined };

const id = (last: number, first = last): Range => ({ first, last });
const session = (epoch: number, broke?: GapReason): Session => ({ epoch, broke });

interface Rig {
  readonly topic: Topic<Range>;
  readonly subscription: Subscription<Range>;
  readonly abandoned: () => number;
  offer(data: Range, of: Session): void;
  wait(ms: number): void;
  read(): number[];
}

function rig(rules: TopicRules<Range>): Rig {
  let abandoned = 0;
  let now = 0;
  const topic = new Topic<Range>({
    name: "t",
    rules,
    timer: {
      now: () => now,
      wallNow: () => now,
      schedule: () => () => undefined,
    },
    onAbandoned: () => abandoned++,
  });
  const subscription = topic.subscribe({});
  return {
    topic,
    subscription,
    abandoned: () => abandoned,
    offer: (data, of) => {
      now += 10;
      topic.offer(data, of, now, true);
    },
    wait: (ms) => {
      now += ms;
    },
    read: () => {
      const ids: number[] = [];
      for (let event = subscription.take(); event !== undefined; event = subscription.take())
        ids.push(event.data.last);
      return ids;
    },
  };
}

describe("a topic with consecutive ids", () => {
  it("names exactly what is missing, whatever broke", () => {
    const { offer, subscription, read } = rig(COUNTED);
    const [first, lagged, later] = [session(1), session(1, "lagged"), session(2, "reconnect")];
    offer(id(1), first);
    offer(id(2), first);
    offer(id(5), first);
    offer(id(8), lagged);
    offer(id(20), later);
    expect(read()).toEqual([1, 2, 5, 8, 20]);
    expect(subscription.gaps).toEqual([
      { topic: "t", epoch: 1, fromSeq: 3, toSeq: 4, fromTime: 20, toTime: 30, reason: "venue" },
      { topic: "t", epoch: 1, fromSeq: 6, toSeq: 7, fromTime: 30, toTime: 40, reason: "lagged" },
      {
        topic: "t",
        epoch: 2,
        fromSeq: 9,
        toSeq: 19,
        fromTime: 40,
        toTime: 50,
        reason: "reconnect",
      },
    ]);
  });

  it("has no gap when a break cost nothing", () => {
    const { offer, subscription } = rig(COUNTED);
    offer(id(1), session(1));
    offer(id(2), session(2, "reconnect"));
    expect(subscription.gaps).toEqual([]);
  });

  it("delivers nothing twice, and what comes too late not at all", () => {
    const { offer, topic, read, subscription } = rig(COUNTED);
    const one = session(1);
    for (const last of [1, 1, 3, 2, 3, 4]) offer(id(last), one);
    expect(read()).toEqual([1, 3, 4]);
    expect(topic.duplicates).toBe(3);
    expect(subscription.gaps).toMatchObject([{ fromSeq: 2, toSeq: 2, reason: "venue" }]);
  });

  it("takes an event that overlaps what is known", () => {
    const { offer, read, subscription } = rig(COUNTED);
    offer(id(5, 1), session(1));
    offer(id(8, 4), session(1));
    expect(read()).toEqual([5, 8]);
    expect(subscription.gaps).toEqual([]);
  });

  it("goes on when the venue counts again after a reconnect", () => {
    const { offer, read, subscription } = rig(COUNTED);
    const later = session(2, "reconnect");
    offer(id(5_000), session(1));
    offer(id(1), later);
    offer(id(2), later);
    expect(read()).toEqual([5_000, 1, 2]);
    expect(subscription.gaps).toMatchObject([{ reason: "idsReset", fromSeq: undefined }]);
  });

  it("discards what a server that lags repeats after a reconnect", () => {
    const { offer, read, subscription } = rig(COUNTED);
    const later = session(2, "reconnect");
    offer(id(5_000), session(1));
    for (const last of [4_999, 5_000, 5_001]) offer(id(last), later);
    expect(read()).toEqual([5_000, 5_001]);
    expect(subscription.gaps).toEqual([]);
  });
});

describe("a topic whose ids begin again inside a session", () => {
  it("tells it once a run of doubles is too long, and goes on", () => {
    const { offer, read, subscription, topic } = rig(COUNTED);
    const one = session(1);
    offer(id(5_000), one);
    for (let last = 1; last <= 300; last++) offer(id(last), one);
    expect(read()).toEqual([5_000, ...Array.from({ length: 201 }, (_, index) => 100 + index)]);
    expect(subscription.gaps).toMatchObject([
      { reason: "idsReset", fromSeq: undefined, toSeq: undefined, fromTime: 10 },
    ]);
    expect(topic.watch.snapshot).toMatchObject({ gaps: 1, breaks: 1 });
  });

  it("tells it after ten seconds where few events come", () => {
    const { topic, read, subscription } = rig(COUNTED);
    const one = session(1);
    topic.offer(id(50), one, 0, true);
    for (const [at, last] of [
      [1_000, 1],
      [10_999, 2],
      [11_000, 3],
      [20_000, 4],
    ] as const)
      topic.offer(id(last), one, at, true);
    expect(read()).toEqual([50, 3, 4]);
    expect(subscription.gaps).toMatchObject([{ reason: "idsReset" }]);
  });

  it("takes neither one that comes again and again, nor a repetition that ends, for that", () => {
    const { offer, read, subscription } = rig(COUNTED);
    const one = session(1);
    offer(id(5_000), one);
    for (let round = 0; round < 300; round++) offer(id(5_000), one);
    for (let round = 0; round < 300; round++) offer(id(4_990), one);
    for (let round = 0; round < 20; round++)
      for (let last = 4_951; last <= 5_000; last++) offer(id(last), one);
    offer(id(5_001), one);
    expect(read()).toEqual([5_000, 5_001]);
    expect(subscription.gaps).toEqual([]);
  });

  it("forgets what a renewal delivered before", () => {
    const { offer, topic, read } = rig(COUNTED);
    const [old, next] = [session(1), session(2)];
    offer(id(1_000), old);
    topic.overlap();
    for (let last = 1_001; last <= 1_050; last++) offer(id(last), old);
    topic.switched({ from: old, to: next, isWhole: true, isUp: true });
    for (let last = 1; last <= 1_100; last++) offer(id(last), next);
    expect(read().slice(-2)).toEqual([1_099, 1_100]);
    expect(new Set(read()).size).toBe(0);
  });

  it("does not count as heard while it discards", () => {
    const { topic } = rig(COUNTED);
    topic.offer(id(50), session(1), 5, true);
    expect(topic.offer(id(3), session(1), 50, true)).toBe(false);
    expect(topic.heardAt).toBe(5);
  });
});

describe("what a topic without ids remembers of a renewal", () => {
  it("is forgotten after a minute: identities are unique within seconds only", () => {
    const { topic, offer, read, wait } = rig(UNCOUNTED);
    const [old, next] = [session(1), session(2)];
    topic.overlap();
    for (const last of [1, 2, 3]) offer(id(last), old);
    topic.switched({ from: old, to: next, isWhole: true, isUp: true });
    offer(id(2), next);
    expect(read()).toEqual([1, 2, 3]);
    wait(60_001);
    offer(id(2), next);
    expect(read()).toEqual([2]);
  });

  it("is forgotten with the last event that the old connection delivered", () => {
    const { topic, offer, read } = rig(UNCOUNTED);
    const [old, next] = [session(1), session(2)];
    topic.overlap();
    for (const last of [1, 2, 3]) offer(id(last), old);
    topic.switched({ from: old, to: next, isWhole: true, isUp: true });
    for (const last of [2, 3, 2]) offer(id(last), next);
    expect(read()).toEqual([1, 2, 3, 2]);
  });

  it("is forgotten with it although another renewal began meanwhile", () => {
    const { topic, offer, read } = rig(UNCOUNTED);
    const [old, next, third] = [session(1), session(2), session(3)];
    topic.overlap();
    for (const last of [1, 2, 3]) offer(id(last), old);
    topic.switched({ from: old, to: next, isWhole: true, isUp: true });
    // The second connection is still behind when the third one is opened, which brings nothing.
    topic.overlap();
    offer(id(2), next);
    topic.switched({ from: next, to: third, isWhole: true, isUp: true });
    for (const last of [3, 4, 2]) offer(id(last), third);
    expect(read()).toEqual([1, 2, 3, 4, 2]);
  });
});

describe("a topic without ids", () => {
  it("suspects a gap at every break, once, and at none where nothing broke", () => {
    const { offer, subscription } = rig(UNCOUNTED);
    const later = session(2, "reconnect");
    offer(id(1), session(1));
    offer(id(2), later);
    offer(id(3), later);
    offer(id(4), session(3));
    expect(subscription.gaps).toMatchObject([
      { reason: "reconnect", epoch: 2, fromSeq: undefined, toSeq: undefined },
    ]);
  });

  it("suspects one too when it was confirmed before the break and nothing had come", () => {
    const { offer, topic, subscription } = rig(UNCOUNTED);
    topic.confirmed(session(1));
    offer(id(1), session(2, "reconnect"));
    expect(subscription.gaps).toMatchObject([{ reason: "reconnect", fromTime: undefined }]);
  });

  it("suspects none before it was confirmed at all", () => {
    const { offer, subscription } = rig(UNCOUNTED);
    offer(id(1), session(7, "reconnect"));
    expect(subscription.gaps).toEqual([]);
  });
});

describe("a topic that moves to another connection", () => {
  it.each([
    ["with ids", COUNTED],
    ["without ids", UNCOUNTED],
  ])("discards what the new one brings late, %s", (_, rules) => {
    const { topic, offer, read, subscription } = rig(rules);
    offer(id(1), session(1));
    topic.overlap();
    for (const last of [2, 3, 4]) offer(id(last), session(1));
    topic.switched({ from: session(1), to: session(2), isWhole: true, isUp: true });
    // The new connection is behind: it was subscribed when 3 was sent.
    for (const last of [3, 4, 5, 6]) offer(id(last), session(2));
    expect(read()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(subscription.gaps).toEqual([]);
  });

  it.each([
    ["with ids", COUNTED],
    ["without ids", UNCOUNTED],
  ])("delivers nothing twice when a renewal is given up and tried again, %s", (_, rules) => {
    const { topic, offer, read } = rig(rules);
    const [old, first, second] = [session(1), session(2), session(3)];
    const bring = (last: number, of: Session): void =>
      topic.offerSuccessor({ data: id(last), session: of, receivedAt: 5, arrivedAt: 5 });
    offer(id(1), old);
    topic.overlap();
    offer(id(2), old);
    for (const last of [2, 3, 4]) bring(last, first);
    topic.keep(old);
    offer(id(3), old);
    topic.overlap();
    bring(4, second);
    for (const last of [4, 5]) offer(id(last), old);
    bring(5, second);
    topic.switched({ from: old, to: second, isWhole: true, isUp: true });
    offer(id(6), second);
    expect(read()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("suspects a gap at once when the new one had lost frames behind the event where both meet", () => {
    const { topic, offer, subscription } = rig(UNCOUNTED);
    const old = session(1);
    offer(id(1), old);
    topic.overlap();
    topic.offerSuccessor({ data: id(2), session: session(2), receivedAt: 5, arrivedAt: 5 });
    topic.broke(session(2, "malformed"), true);
    expect(subscription.gaps).toEqual([]);
    offer(id(2), old);
    expect(subscription.gaps).toMatchObject([{ reason: "malformed" }]);
  });

  it("suspects a gap when the old one is not waited for any longer", () => {
    const { topic, offer, subscription } = rig(UNCOUNTED);
    offer(id(1), session(1));
    topic.overlap();
    // The new connection is so far ahead that it takes over; 2 to 9 are still to come from the old
    // one.
    for (let last = 10; subscription.gapCount === 0 && last < 20_000; last++) {
      topic.offerSuccessor({ data: id(last), session: session(2), receivedAt: 5, arrivedAt: 5 });
    }
    expect(subscription.gaps).toMatchObject([{ reason: "reconnect", epoch: 2 }]);
  });

  it("suspects a gap when the renewal is given up after it had moved, unless ids tell otherwise", () => {
    const { topic, offer, subscription } = rig(UNCOUNTED);
    const old = session(1);
    offer(id(1), old);
    topic.overlap();
    topic.offerSuccessor({ data: id(2), session: session(2), receivedAt: 5, arrivedAt: 5 });
    offer(id(2), old);
    topic.keep(old);
    offer(id(3), old);
    expect(subscription.gaps).toMatchObject([{ reason: "reconnect" }]);
  });
});

describe("the subscriptions of a topic", () => {
  it("share its events, and each its own gaps from when it began", () => {
    const { topic, offer, subscription } = rig(COUNTED);
    const one = session(1);
    offer(id(1), one);
    offer(id(3), one);
    const late = topic.subscribe({});
    offer(id(4), one);
    expect(late.take()).toMatchObject({ data: id(4), seq: 3, gaps: 1 });
    expect([subscription.gapCount, late.gapCount]).toEqual([1, 0]);
  });

  it("end one by one, and the last one abandons the topic, once", () => {
    const { topic, offer, subscription, abandoned } = rig(COUNTED);
    const other = topic.subscribe({});
    subscription.close();
    expect(abandoned()).toBe(0);
    offer(id(1), session(1));
    expect(other.take()?.data).toEqual(id(1));
    other.close();
    other.close();
    expect(abandoned()).toBe(1);
  });

  it("record what their reader was too slow for, in their own numbers", () => {
    const { topic, offer, subscription } = rig(COUNTED);
    const slow = topic.subscribe({ policy: { kind: "reliable", maxEvents: 1 } });
    for (const last of [1, 2, 3]) offer(id(last), session(1));
    // The record tells where the stream went on, not where the topic is when the reader comes
    // it.
    topic.offer(id(3), session(2, "reconnect"), 50, true);
    slow.take();
    expect(slow.gaps).toMatchObject([{ reason: "overflow", fromSeq: 1, toSeq: 2, epoch: 1 }]);
    expect(subscription.gaps).toEqual([]);
  });
});

describe("a topic that has to be confirmed again", () => {
  const lost = new WsError({ kind: "connection", code: "LOST", message: "lost" });
  const again = new WsError({ kind: "server", code: "RESYNC", message: "asked for again" });

  it("recovers once for one loss, however often its connection fails to come back", () => {
    const { topic, offer } = rig(COUNTED);
    topic.watch.enter("live", undefined, 1);
    offer(id(1), session(1));
    for (let i = 0; i < 3; i++) topic.unsettle(lost, true);
    expect(topic.watch.snapshot).toMatchObject({ phase: "recovering", epoch: 1, recoveries: 1 });
  });

  it("recovers once more when a connection ends that brought events without a confirmation", () => {
    const { topic, offer } = rig(COUNTED);
    topic.watch.enter("live", undefined, 1);
    topic.unsettle(again, false);
    offer(id(1), session(1));
    topic.unsettle(again, false);
    expect(topic.watch.snapshot.recoveries).toBe(1);
    topic.unsettle(lost, true);
    expect(topic.watch.snapshot).toMatchObject({ phase: "recovering", epoch: 1, recoveries: 2 });
    offer(id(2), session(2, "reconnect"));
    topic.unsettle(lost, true);
    topic.unsettle(lost, true);
    expect(topic.watch.snapshot).toMatchObject({ epoch: 2, recoveries: 3, cause: lost });
  });

  it("tells it before its first confirmation, too", () => {
    const { topic, offer } = rig(COUNTED);
    offer(id(1), session(1));
    topic.unsettle(lost, true);
    expect(topic.watch.snapshot).toMatchObject({ phase: "subscribing", epoch: 1, recoveries: 1 });
  });
});
