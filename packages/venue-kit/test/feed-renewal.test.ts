import type { Subscription } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import { FeedRig, ids, numbers, RENEWAL } from "./support/feed-rig.js";
import type { FeedRigOptions } from "./support/feed-rig.js";
import { COUNTED, UNCOUNTED } from "./support/toy-venue.js";
import type { Seat, Tick } from "./support/toy-venue.js";

interface Renewing {
  readonly rig: FeedRig;
  /** With ids. */
  readonly a: Subscription<Tick>;
  /** Without. */
  readonly b: Subscription<Tick>;
  readonly old: Seat;
}

/** A feed whose two topics are live and have delivered something. */
async function steady(options: FeedRigOptions = {}): Promise<Renewing> {
  const rig = new FeedRig({ renewal: RENEWAL, ...options });
  const a = rig.subscribe("a", COUNTED);
  const b = rig.subscribe("b", UNCOUNTED);
  await rig.until("live", a, b);
  await rig.publishFor(300, "a", "b");
  return { rig, a, b, old: rig.venue.seat };
}

/**
 * Everything that was published was delivered once, in order, and nothing is suspected to be
 * missing.
 */
function expectUnbroken({ rig, a, b }: Renewing): void {
  expect(ids(a)).toEqual(numbers(1, rig.venue.count("a")));
  expect(ids(b)).toEqual(numbers(1, rig.venue.count("b")));
  expect([a.gaps, b.gaps]).toEqual([[], []]);
  expect(a.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
}

function expectAllDelivered({ rig, a, b }: Renewing): void {
  expect(ids(a)).toEqual(numbers(1, rig.venue.count("a")));
  expect(ids(b)).toEqual(numbers(1, rig.venue.count("b")));
}

/** A renewal that has reached the phase of the name, and stays there. */
const PHASES: Readonly<Record<string, (run: Renewing) => Promise<Seat | undefined>>> = {
  "opening, while the new connection is dialled": async ({ rig }) => {
    rig.leaf.otherwise = { kind: "hang" };
    rig.feed.renew();
    await rig.publishFor(200, "a", "b");
    return undefined;
  },
  "opening, while the new connection subscribes": async ({ rig }) => {
    rig.venue.onSeat = (seat) => (seat.answers = false);
    rig.feed.renew();
    await rig.publishFor(200, "a", "b");
    rig.venue.onSeat = () => undefined;
    return rig.venue.seat;
  },
  overlapping: async ({ rig }) => {
    rig.feed.renew();
    await rig.publishFor(1_000, "a", "b");
    return rig.venue.seat;
  },
  closing: async ({ rig, old }) => {
    old.peer.answerClose = false;
    rig.feed.renew();
    await rig.world.settle();
    await rig.publishFor(2_500, "a", "b");
    expect(old.peer.closeFrameReceived).toBeDefined();
    expect(old.peer.isOpen).toBe(true);
    return rig.venue.seat;
  },
};

describe("a renewal", () => {
  it("by age loses and doubles nothing, closes the old connection, and is planned again", async () => {
    const run = await steady({ renewal: { ...RENEWAL, afterMs: 60_000 } });
    const { rig, old } = run;
    await rig.publishFor(53_000, "a", "b");
    expect(rig.venue.seats).toHaveLength(1);
    await rig.publishFor(10_000, "a", "b");
    expect(rig.venue.seats).toHaveLength(2);
    expect(old.peer.closeFrameReceived?.code).toBe(1000);
    expect(rig.feed.connections).toHaveLength(1);
    await rig.publishFor(120_000, "a", "b");
    expect(rig.venue.seats.length).toBeGreaterThanOrEqual(4);
    expect(rig.venue.open.length).toBeLessThanOrEqual(2);
    expectUnbroken(run);
    await rig.end();
  });

  it("follows when the venue says that it will end the connection", async () => {
    const run = await steady();
    const { rig, old } = run;
    old.say({ bye: "maintenance" });
    await rig.publishFor(4_000, "a", "b");
    expect(old.peer.isOpen).toBe(false);
    expect(rig.venue.seats).toHaveLength(2);
    expectUnbroken(run);
    await rig.end();
  });

  it.each([
    ["ahead", 800, undefined],
    ["behind", undefined, 800],
    ["far ahead", 1_900, undefined],
  ])(
    "loses and doubles nothing when the new connection is %s",
    async (_, oldDelayMs, newDelayMs) => {
      const run = await steady();
      const { rig, old } = run;
      old.delayMs = oldDelayMs;
      rig.venue.onSeat = (seat) => (seat.delayMs = newDelayMs);
      rig.feed.renew();
      await rig.publishFor(10_000, "a", "b");
      expect(old.peer.isOpen).toBe(false);
      await rig.world.run(2_000);
      expectUnbroken(run);
      await rig.end();
    },
  );

  it("of quiet topics waits for no event", async () => {
    const run = await steady();
    const { rig, old } = run;
    rig.feed.renew();
    await rig.world.run(4_900);
    expect(old.peer.isOpen).toBe(true);
    await rig.world.run(200);
    expect(old.peer.isOpen).toBe(false);
    await rig.publishFor(200, "a", "b");
    expectUnbroken(run);
    await rig.end();
  });

  it("of a connection without topics succeeds too", async () => {
    const { rig, a, b, old } = await steady();
    a.close();
    b.close();
    await rig.world.settle();
    rig.feed.renew();
    await rig.world.run(30_000);
    expect(old.peer.isOpen).toBe(false);
    expect(rig.venue.open).toHaveLength(1);
    await rig.world.run(300_000);
    expect(rig.venue.seats).toHaveLength(2);
    await rig.end();
  });

  it("is not held up by a topic that was cancelled meanwhile", async () => {
    const { rig, a, b, old } = await steady();
    rig.venue.onSeat = (seat) => (seat.delayMs = 500);
    rig.feed.renew();
    await rig.world.run(100);
    b.close();
    await rig.world.run(10_000);
    expect(old.peer.isOpen).toBe(false);
    expect(a.state.snapshot).toMatchObject({ phase: "live", recoveries: 0 });
    await rig.end();
  });

  it.each(["overlapping", "closing"])(
    "while %s takes topics that are new, and lets go of others",
    async (phase) => {
      const run = await steady();
      const { rig, a, b } = run;
      await PHASES[phase]?.(run);
      const c = rig.subscribe("c", UNCOUNTED);
      b.close();
      await rig.world.run(100);
      await rig.publishFor(10_000, "a", "b", "c");
      expect(rig.venue.open.map(({ topics }) => [...topics].toSorted())).toEqual([["a", "c"]]);
      expect([ids(a), a.gaps]).toEqual([numbers(1, rig.venue.count("a")), []]);
      const got = ids(c);
      expect(got).toEqual(numbers(rig.venue.count("c") - got.length + 1, rig.venue.count("c")));
      expect(got.length).toBeGreaterThan(50);
      expect(c.gaps).toEqual([]);
      await rig.end();
    },
  );

  it("whose new connection does not become ready is given up, and tried again", async () => {
    const run = await steady();
    const { rig, old } = run;
    rig.venue.onSeat = (seat) => (seat.answers = false);
    rig.feed.renew();
    await rig.publishFor(9_000, "a", "b");
    expect(rig.venue.open).toHaveLength(2);
    await rig.publishFor(25_000, "a", "b");
    expect(rig.venue.open).toEqual([old]);
    expect(rig.feed.connections).toHaveLength(1);
    rig.venue.onSeat = () => undefined;
    const before = rig.venue.seats.length;
    await rig.publishFor(60_000, "a", "b");
    expect(rig.venue.seats).toHaveLength(before + 1);
    expect(old.peer.isOpen).toBe(false);
    expectAllDelivered(run);
    expect(run.a.gaps).toEqual([]);
    await rig.end();
  });

  it("forgets no gap that a quiet topic had before", async () => {
    const { rig, a, b, old } = await steady();
    old.peer.reset();
    await rig.until("recovering", a, b);
    rig.venue.publish("b");
    await rig.until("live", a, b);
    await rig.publishFor(500, "a");
    rig.feed.renew();
    await rig.publishFor(5_000, "a");
    await rig.publishFor(300, "b");
    expect(ids(b)).toEqual([1, 2, 3, 5, 6, 7]);
    expect(b.gaps).toMatchObject([{ reason: "reconnect" }]);
    expect(a.gaps).toEqual([]);
    await rig.end();
  });

  it("suspects nothing of a topic that was quiet over several of them", async () => {
    const { rig, b } = await steady();
    for (let round = 0; round < 3; round++) {
      rig.feed.renew();
      await rig.publishFor(5_000, "a");
    }
    await rig.publishFor(300, "b");
    expect(rig.venue.seats).toHaveLength(4);
    expect([ids(b), b.gaps]).toEqual([numbers(1, 6), []]);
    await rig.end();
  });
});

describe.each(Object.keys(PHASES))("a renewal that is %s", (phase) => {
  const reach = (run: Renewing): Promise<Seat | undefined> =>
    PHASES[phase]?.(run) ?? Promise.resolve(undefined);

  it("survives the end of the old connection: what is lost is known", async () => {
    const run = await steady();
    const { rig, a, b, old } = run;
    await reach(run);
    old.peer.reset();
    rig.leaf.otherwise = () => rig.venue.answer();
    for (const seat of rig.venue.open) seat.answers = true;
    await rig.publishFor(60_000, "a", "b");
    expect([a, b].map(({ state }) => state.snapshot.phase)).toEqual(["live", "live"]);
    const [got, total] = [ids(a), rig.venue.count("a")];
    const missing = numbers(1, total).filter((id) => !got.includes(id));
    expect(got).toEqual(got.toSorted((x, y) => x - y));
    expect(new Set(got).size).toBe(got.length);
    const known = a.gaps.flatMap(({ fromSeq = 0, toSeq = 0 }) => numbers(fromSeq, toSeq));
    expect(missing).toEqual(known);
    if (ids(b).length < total) expect(b.gapCount).toBeGreaterThan(0);
    expect(rig.venue.open).toHaveLength(1);
    await rig.end();
  });

  it("is ended by a shutdown, without noise", async () => {
    const run = await steady();
    const { rig, a, b } = run;
    await reach(run);
    await rig.end();
    for (const { state } of [a, b])
      expect(state.snapshot).toMatchObject({ phase: "closed", recoveries: 0, cause: undefined });
    expect([a.gaps, b.gaps]).toEqual([[], []]);
    ids(a);
    expect(await a.readable()).toBe(false);
  });
});

describe.each(Object.keys(PHASES).slice(1))(
  "the new connection of a renewal that is %s",
  (phase) => {
    const reach = async (run: Renewing): Promise<Seat> =>
      (await PHASES[phase]?.(run)) ?? expect.unreachable();

    it("may end", async () => {
      const run = await steady();
      const { rig, a, b } = run;
      const seat = await reach(run);
      seat.peer.reset();
      await rig.publishFor(120_000, "a", "b");
      expect([a, b].map(({ state }) => state.snapshot.phase)).toEqual(["live", "live"]);
      const [got, total] = [ids(a), rig.venue.count("a")];
      const known = a.gaps.flatMap(({ fromSeq = 0, toSeq = 0 }) => numbers(fromSeq, toSeq));
      expect(numbers(1, total).filter((id) => !got.includes(id))).toEqual(known);
      expect(new Set(got).size).toBe(got.length);
      if (ids(b).length < total) expect(b.gapCount).toBeGreaterThan(0);
      expect(rig.venue.open).toHaveLength(1);
      await rig.end();
    });

    it("leaves no topic hanging when the venue refuses it for good", async () => {
      const run = await steady();
      const { rig, a, b } = run;
      const seat = await reach(run);
      seat.say({ fatal: "banned" });
      await rig.publishFor(10_000, "a", "b");
      // Either the old connection could be kept, or they failed with the cause.
      expect(["live", "failed"]).toContain(a.state.snapshot.phase);
      expect(b.state.snapshot.phase).toBe(a.state.snapshot.phase);
      if (phase === "closing")
        expect(a.state.snapshot).toMatchObject({ phase: "failed", cause: { code: "BANNED" } });
      else expect(rig.venue.open).toHaveLength(1);
      await rig.end();
    });
  },
);

describe("the end of the old connection during a renewal", () => {
  it("loses nothing of what had arrived and was not read", async () => {
    const run = await steady();
    const { rig, old } = run;
    // Published before the new connection is there; so much at once that the end is known before it
    // is read.
    old.delayMs = 1_000;
    for (let round = 0; round < 1_000; round++) rig.venue.publish("a", "b");
    rig.world.timer.scheduleArrival(1_000, () => old.peer.reset());
    rig.venue.onSeat = (seat) => (seat.delayMs = undefined);
    rig.feed.renew();
    await rig.world.run(2_000);
    await rig.publishFor(1_000, "a", "b");
    expectAllDelivered(run);
    expect(run.a.gaps).toEqual([]);
    await rig.end();
  });

  it("is a gap where it had been dead for longer than the new one was subscribed", async () => {
    const run = await steady();
    const { rig, b, old } = run;
    old.peer.goSilent();
    await rig.publishFor(300, "a", "b");
    rig.feed.renew();
    await rig.world.run(20_000);
    await rig.publishFor(300, "a", "b");
    expect(ids(b)).toEqual([1, 2, 3, 7, 8, 9]);
    expect(b.gapCount).toBe(1);
    await rig.end();
  });
});

it("the epochs of a topic's events never fall, also when a renewal is given up after the switch", async () => {
  const { rig, a, b, old } = await steady();
  rig.feed.renew();
  await rig.publishFor(1_000, "a", "b");
  rig.venue.seat.peer.reset();
  await rig.publishFor(1_000, "a", "b");
  expect(old.peer.isOpen).toBe(true);
  for (const one of [a, b]) {
    const epochs: number[] = [];
    for (let event = one.take(); event !== undefined; event = one.take()) epochs.push(event.epoch);
    expect(epochs).toEqual(epochs.toSorted((x, y) => x - y));
  }
  await rig.end();
});

describe("a renewal that fails again and again", () => {
  /** Lets every new connection stay without answers; gives the number of tries in half a day. */
  async function tries(run: Renewing, disturb: () => void): Promise<number> {
    const { rig, old } = run;
    rig.venue.onSeat = (seat) => (seat.answers = false);
    rig.feed.renew();
    for (let minutes = 0; minutes < 720; minutes++) {
      disturb();
      await rig.world.run(60_000);
    }
    expect(rig.venue.open).toContain(old);
    return rig.venue.seats.length - 1;
  }

  it("is tried after pauses that double, and begins small again after a success", async () => {
    const run = await steady();
    const { rig } = run;
    const count = await tries(run, () => undefined);
    // Every minute and a half would be 480 times.
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThan(130);
    rig.venue.onSeat = () => undefined;
    rig.feed.renew();
    await rig.world.run(60_000);
    const before = rig.venue.seats.length;
    rig.venue.onSeat = (seat) => (seat.answers = false);
    rig.feed.renew();
    await rig.world.run(100_000);
    expect(rig.venue.seats.length).toBeGreaterThanOrEqual(before + 2);
    await rig.end();
  });

  it("is not hurried by a venue that announces the end over and over", async () => {
    const run = await steady();
    const count = await tries(run, () => run.old.say({ bye: "soon" }));
    expect(count).toBeLessThan(135);
    await run.rig.end();
  });
});

it("a renewal whose old connection ends first makes nothing unconfirmed live", async () => {
  const run = await steady();
  const { rig, a, b, old } = run;
  rig.venue.onSeat = (seat) => (seat.answers = false);
  rig.feed.renew();
  await rig.publishFor(200, "a", "b");
  old.peer.reset();
  await rig.world.run(1_000);
  expect([a, b].map(({ state }) => state.snapshot.phase)).toEqual(["recovering", "recovering"]);
  for (const seat of rig.venue.open) seat.answers = true;
  await rig.until("live", a, b);
  await rig.end();
});

it("a renewal whose new connection ends while the old one closes makes nothing live", async () => {
  const run = await steady();
  const { rig, a, b } = run;
  const seat = await PHASES["closing"]?.(run);
  rig.leaf.otherwise = { kind: "hang" };
  seat?.peer.reset();
  await rig.world.settle();
  expect([a, b].map(({ state }) => state.snapshot.phase)).toEqual(["recovering", "recovering"]);
  run.old.peer.heal();
  await rig.world.run(10_000);
  expect([a, b].map(({ state }) => state.snapshot.phase)).toEqual(["recovering", "recovering"]);
  await rig.end();
});
