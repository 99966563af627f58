import { refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { AccountReader } from "./support/account-reader.js";
import { FeedRig, RENEWAL } from "./support/feed-rig.js";
import { UNCOUNTED } from "./support/toy-venue.js";

describe("a connection that ends right behind what it brought", () => {
  /** Confirms, sends an event and ends, all in one read; no other connection follows. */
  function endAtOnce(rig: FeedRig): void {
    rig.venue.onSeat = (seat) => {
      seat.onSubscribed = (topics) => {
        rig.leaf.otherwise = refuse({ status: 503 });
        rig.venue.publish(...topics);
        seat.peer.reset();
      };
    };
  }

  it("makes no topic live, and what it brought is delivered as not current", async () => {
    const rig = new FeedRig();
    endAtOnce(rig);
    const a = rig.subscribe("a", UNCOUNTED);
    await rig.world.run(10_000);
    expect(a.state.snapshot.phase).toBe("subscribing");
    expect(a.take()).toMatchObject({ data: { n: 1 }, isCurrent: false, epoch: 1 });
    await rig.end();
  });

  it("does the same to a topic that was live before", async () => {
    const rig = new FeedRig();
    const [a] = await rig.live("a");
    rig.venue.publish("a");
    await rig.world.settle();
    endAtOnce(rig);
    rig.venue.seat.peer.reset();
    await rig.world.run(10_000);
    expect(a?.state.snapshot.phase).toBe("recovering");
    expect([a?.take(), a?.take()]).toMatchObject([
      { data: { n: 1 }, isCurrent: true, epoch: 1 },
      { data: { n: 2 }, isCurrent: false, epoch: 2 },
    ]);
    await rig.end();
  });

  it("leaves an account recovering, although what it dropped is noticed after its end", async () => {
    const rig = new FeedRig({ config: { buffer: { maxFrames: 8 } } });
    const account = new AccountReader(rig, { topic: "a", answerMs: () => 100 });
    await rig.world.run(1_000);
    rig.leaf.otherwise = refuse({ status: 503 });
    for (let count = 0; count < 50; count++) rig.venue.publish("a");
    rig.venue.seat.peer.close(1001, "bye");
    await rig.world.run(10_000);
    expect(account.stream.state.snapshot.phase).toBe("recovering");
    expect(account.reasons).toEqual(["start"]);
    await rig.end();
  });
});

describe("a topic that was asked for and is not confirmed", () => {
  it("is not live, whatever comes of it", async () => {
    const rig = new FeedRig();
    rig.venue.onSeat = (seat) => (seat.answers = false);
    const a = rig.subscribe("a");
    await rig.world.run(1_000);
    rig.venue.publish("a");
    await rig.world.settle();
    expect(a.take()).toMatchObject({ data: { n: 1 }, isCurrent: true });
    expect(a.state.snapshot.phase).toBe("subscribing");
    rig.venue.seat.answers = true;
    await rig.until("live", a);
    await rig.end();
  });
});

it("a topic that a renewal brings to a connection that is silent is stale", async () => {
  const rig = new FeedRig({ renewal: { ...RENEWAL, quietMs: 40_000 } });
  const [a] = await rig.live("a");
  const old = rig.venue.seat;
  rig.feed.renew();
  await rig.world.run(1_000);
  const { seat } = rig.venue;
  expect(seat).not.toBe(old);
  seat.peer.goSilent();
  const [, fresh] = rig.feed.connections;
  await rig.world.runUntil(() => fresh?.lifecycle.snapshot.phase === "stale");
  old.peer.reset();
  await rig.world.settle();
  expect(a?.state.snapshot.phase).toBe("stale");
  await rig.end();
});
