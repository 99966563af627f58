import { describe, expect, it } from "vitest";
import { AccountReader } from "../support/account-reader.js";
import { FeedRig, numbers, RENEWAL } from "../support/feed-rig.js";
import { COUNTED, UNCOUNTED } from "../support/toy-venue.js";

const TOPIC = "account";

interface Run {
  readonly rig: FeedRig;
  readonly account: AccountReader;
}

/** An account that is live, and of which nothing was heard for a while. */
async function quiet(): Promise<Run> {
  const rig = new FeedRig({ renewal: RENEWAL, config: { buffer: { maxFrames: 8 } } });
  const account = new AccountReader(rig, { topic: TOPIC, answerMs: () => 100 });
  rig.subscribe("busy", COUNTED);
  await rig.world.run(1_000);
  rig.venue.publish(TOPIC);
  await rig.world.run(1_000);
  expect([account.stream.state.snapshot.phase, account.reasons]).toEqual(["live", ["start"]]);
  return { rig, account };
}

/** Each loses the account's second event, or may have lost it, and says how the stream takes it. */
const LOSSES: Readonly<
  Record<string, { readonly reason: string; readonly lose: (run: Run) => Promise<void> }>
> = {
  "in a frame that cannot be read": {
    reason: "lagged",
    lose: async ({ rig }) => rig.venue.garble(TOPIC),
  },
  "in our own receive buffer": {
    reason: "lagged",
    lose: async ({ rig }) => {
      rig.venue.publish(TOPIC);
      for (let count = 0; count < 20; count++) rig.venue.publish("busy");
    },
  },
  "with the old connection of a renewal": {
    reason: "reconnect",
    lose: async ({ rig }) => {
      const { seat } = rig.venue;
      seat.delayMs = 100;
      rig.feed.renew();
      rig.venue.publish(TOPIC);
      await rig.world.run(50);
      seat.peer.reset();
    },
  },
  "in a renewal that is given up after it had moved": {
    reason: "reconnect",
    lose: async ({ rig }) => {
      const { seat } = rig.venue;
      rig.feed.renew();
      await rig.world.run(50);
      expect(rig.venue.seat).not.toBe(seat);
      rig.venue.publish(TOPIC);
      await rig.world.run(50);
      rig.venue.seat.peer.reset();
    },
  },
  "with the session": {
    reason: "reconnect",
    lose: async ({ rig }) => {
      const { seat } = rig.venue;
      seat.topics.clear();
      rig.venue.publish(TOPIC);
      seat.say({ out: "logged in elsewhere" });
    },
  },
};

describe.each(Object.entries(LOSSES))(
  "an account's event that is lost %s",
  (_, { reason, lose }) => {
    it("has the account asked for its state at once, although nothing else happens to it", async () => {
      const run = await quiet();
      const { rig, account } = run;
      await lose(run);
      await rig.world.settle();
      expect(account.stream.state.snapshot.phase).toBe("recovering");
      await rig.world.run(1_000);
      account.read();
      expect(account.stream.state.snapshot.phase).toBe("live");
      expect(account.reasons).toEqual(["start", reason]);
      expect(account.stream.gaps).toMatchObject([{ reason }]);
      expect(numbers(1, rig.venue.count(TOPIC)).filter((n) => !account.knows(n))).toEqual([]);
      await rig.end();
    });
  },
);

describe("a break", () => {
  it("leaves a gap record at once where there are no ids, and one only", async () => {
    const rig = new FeedRig();
    const topic = rig.subscribe("a", UNCOUNTED);
    await rig.until("live", topic);
    rig.venue.garble("a");
    await rig.world.settle();
    expect(topic.gaps).toMatchObject([
      { reason: "malformed", fromSeq: undefined, toSeq: undefined },
    ]);
    expect(topic.state.snapshot).toMatchObject({ gaps: 1, breaks: 1, phase: "live" });
    rig.venue.publish("a");
    await rig.world.settle();
    expect(topic.gapCount).toBe(1);
    await rig.end();
  });

  it("is told at once where there are ids too, and the next event says exactly what is missing", async () => {
    const rig = new FeedRig();
    const topic = rig.subscribe("a", COUNTED);
    await rig.until("live", topic);
    rig.venue.publish("a");
    rig.venue.garble("a");
    await rig.world.settle();
    expect(topic.state.snapshot).toMatchObject({ gaps: 0, breaks: 1 });
    rig.venue.publish("a");
    await rig.world.settle();
    expect(topic.gaps).toMatchObject([{ reason: "malformed", fromSeq: 2, toSeq: 2 }]);
    expect(topic.state.snapshot).toMatchObject({ gaps: 1, breaks: 1 });
    await rig.end();
  });

  it("of the connection is a gap up to the moment when the venue has confirmed the topic again", async () => {
    const rig = new FeedRig();
    const topic = rig.subscribe("a", UNCOUNTED);
    await rig.until("live", topic);
    rig.venue.onSeat = (seat) => (seat.delayMs = 1_000);
    rig.venue.seat.peer.reset();
    await rig.until("recovering", topic);
    expect(topic.gapCount).toBe(0);
    await rig.until("live", topic);
    expect(topic.gaps).toMatchObject([{ reason: "reconnect", toTime: rig.world.timer.now() }]);
    await rig.end();
  });
});

it("an account whose topic is live already is asked for its state", async () => {
  const rig = new FeedRig();
  const other = rig.subscribe(TOPIC, UNCOUNTED);
  await rig.until("live", other);
  const account = new AccountReader(rig, { topic: TOPIC, answerMs: () => 100 });
  await rig.world.run(1_000);
  expect(account.reasons).toEqual(["start"]);
  expect(account.stream.state.snapshot.phase).toBe("live");
  await rig.end();
});

it("an account whose connection falls silent during the reconciliation is stale afterwards", async () => {
  const rig = new FeedRig();
  const account = new AccountReader(rig, { topic: TOPIC, answerMs: () => 4_000 });
  const { seat } = await rig.world
    .runUntil(() => account.reasons.length === 1)
    .then(() => rig.venue);
  seat.peer.goSilent();
  const [connection] = rig.feed.connections;
  await rig.world.runUntil(() => connection?.lifecycle.snapshot.phase === "stale");
  account.stream.reconcile();
  await rig.world.run(4_100);
  expect(account.stream.state.snapshot.phase).not.toBe("live");
  await rig.end();
});
