import { Feed } from "@oath-ws/venue-kit";
import type { Subscription } from "@oath-ws/venue-kit";
import { describe, expect, it } from "vitest";
import {
  followedTopic,
  venueConformance,
  VirtualSeat,
  VirtualVenue,
} from "../../src/venue/index.js";
import type { FeedUnderTest, Stage, StageOptions, VenueCounts } from "../../src/venue/index.js";

/** It confirms everything, and numbers what it says. */
class Seat extends VirtualSeat {
  topics: readonly string[] = [];
  beats = 0;

  protected override heard(text: string): void {
    const { id, topics } = JSON.parse(text) as { id: number; topics: string[] };
    this.topics = topics;
    this.say({ ok: id });
    this.every(1_000, () => this.beats++);
  }
}

interface Tick {
  readonly t: string;
  readonly n: number;
}

function open(venue: VirtualVenue<Seat>): { feed: Feed; ticks: Subscription<Tick> } {
  const feed = new Feed({
    runtime: venue.runtime,
    settings: {},
    handshake: { url: "wss://venue.example/feed", protocols: [], headers: {} },
    grammar: {
      encode: ({ id, topics }) => JSON.stringify({ id, topics }),
      receive: (frame, inbox) => {
        const message = JSON.parse(frame.text()) as Tick | { readonly ok: number };
        if ("ok" in message) inbox.confirmed(message.ok);
        else inbox.event(message.t, message);
      },
    },
    commands: { maxTopics: 10, maxInFlight: 1, answerTimeoutMs: 5_000, maxUnanswered: 3 },
    maxTopicsPerConnection: 10,
  });
  const ticks = feed.subscribe<Tick>("a", {
    identity: ({ n }) => n,
    range: { firstId: ({ n }) => n, lastId: ({ n }) => n },
  });
  return { feed, ticks };
}

describe("a venue in virtual time", () => {
  it("seats connections, hears them and speaks, until it falls mute", async () => {
    const venue = new VirtualVenue((peer, world) => new Seat(peer, world));
    const { feed, ticks } = open(venue);
    await venue.world.runUntil(() => ticks.state.snapshot.phase === "live");
    const [seat] = venue.seats;
    expect(seat?.topics).toEqual(["a"]);
    expect(seat?.say({ t: "a", n: 1 })).toBe(true);
    await venue.world.run(5_000);
    expect([ticks.take()?.data, seat?.beats]).toEqual([{ t: "a", n: 1 }, 5]);
    venue.strike("mute");
    expect(seat?.say({ t: "a", n: 2 })).toBe(false);
    await venue.world.run(60_000);
    // Pings are answered: only a reader that waits for data notices.
    expect([venue.attempts.length, ticks.state.snapshot.phase]).toEqual([1, "live"]);
    await venue.world.complete(feed.shutdown());
    expect(venue.open).toEqual([]);
    await venue.world.run(1_000);
    expect(venue.world.timer.pendingCount).toBe(0);
  });

  it("refuses as often as it is told, cuts, and lets connections go half-open", async () => {
    const venue = new VirtualVenue((peer, world) => new Seat(peer, world), { seed: 3 });
    venue.refuse({ count: 2, status: 503, retryAfterSeconds: 1 });
    const { feed, ticks } = open(venue);
    await venue.world.runUntil(() => ticks.state.snapshot.phase === "live");
    expect(venue.attempts.map(({ status }) => status)).toEqual([503, 503, 101]);
    const [first, second] = venue.attempts;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000);
    venue.strike("reset");
    await venue.world.runUntil(() => ticks.state.snapshot.recoveries === 1);
    await venue.world.runUntil(() => ticks.state.snapshot.phase === "live");
    venue.strike("half-open");
    expect(venue.open.length).toBe(1);
    await venue.world.runUntil(() => ticks.state.snapshot.recoveries === 2);
    await venue.world.complete(feed.shutdown());
  });

  it("has a REST API that refuses, until it is given one", async () => {
    const venue = new VirtualVenue((peer, world) => new Seat(peer, world));
    const request = { baseUrl: "https://venue.example", method: "GET", headers: {} } as const;
    await expect(venue.runtime.fetch("https://venue.example/", request)).rejects.toThrow("no REST");
    venue.rest = () => Promise.resolve({ status: 200, headers: {}, cookies: [], body: "yes" });
    const { body } = await venue.runtime.fetch("https://venue.example/", request);
    expect(body).toBe("yes");
  });
});

describe("the suite in virtual time", () => {
  const failed = async (feed: Partial<FeedUnderTest>, property: string): Promise<unknown> => {
    const whole: FeedUnderTest = { name: "ticks", notApplicable: {}, open: stage, ...feed };
    const cases = venueConformance({ name: "toy", feeds: [whole] });
    return cases.find((one) => one.property === property)?.run();
  };

  it("fails for what never comes, in the adapter's name", async () => {
    expect(await failed({}, "shutdown-live")).toEqual({ kind: "holds" });
    const silent = { open: (options: StageOptions) => stage(options, { publish: () => 7 }) };
    expect(await failed(silent, "shutdown-live")).toEqual({
      kind: "fails",
      problem: "waited in vain for item 7 after 0",
    });
  });

  it("fails for a shutdown that hangs, for a timer that stays, and for a stage unobserved", async () => {
    const hangs = async (options: StageOptions): Promise<Stage> => ({
      ...(await stage(options)),
      shutdown: () => new Promise<void>(() => undefined),
    });
    expect(await failed({ open: hangs }, "shutdown-live")).toEqual({
      kind: "fails",
      problem: "waited in vain for the shutdown",
    });
    const leaves = (options: StageOptions): Promise<Stage> =>
      stage({
        ...options,
        observe: (platform) => {
          const runtime = options.observe(platform);
          runtime.timer.schedule(3_600_000, () => undefined);
          return runtime;
        },
      });
    expect(await failed({ open: leaves }, "shutdown-live")).toEqual({
      kind: "fails",
      problem: "1 timers still run",
    });
    const blind = (options: StageOptions): Promise<Stage> =>
      stage({ ...options, observe: (platform) => platform });
    expect(await failed({ open: blind }, "shutdown-live")).toEqual({
      kind: "fails",
      problem: "the stage was opened without observe()",
    });
  });

  it("hands what a venue's own script throws on as the problem", async () => {
    const broken = (options: StageOptions): Promise<Stage> =>
      stage(options, {
        publish: () => {
          throw new Error("the script is broken");
        },
      });
    expect(await failed({ open: broken }, "shutdown-live")).toEqual({
      kind: "fails",
      problem: "the script is broken",
    });
  });

  /** A feed of one topic that works. */
  function stage(options: StageOptions, controls: Partial<Stage["venue"]> = {}): Promise<Stage> {
    const venue = new VirtualVenue((peer, world) => new Seat(peer, world));
    const { runtime } = venue;
    Object.defineProperty(venue, "runtime", { value: options.observe(runtime) });
    const { feed, ticks } = open(venue);
    let last = 0;
    const publish = (count: number): number => {
      for (let more = 0; more < count; more++)
        for (const seat of venue.open) seat.say({ t: "a", n: last + more + 1 });
      last += count;
      return last;
    };
    const counts = (): VenueCounts => ({
      attempts: [...venue.attempts],
      open: venue.open.length,
      held: venue.open.length,
      holdsCancelled: false,
      violations: 0,
      framesSent: last,
      authRefusals: 0,
    });
    return Promise.resolve({
      world: venue.world,
      topic: followedTopic(ticks, ({ n }) => ({ items: [n], whole: false }), {
        namesMissing: true,
      }),
      venue: {
        publish,
        flood: () => publish(100),
        strike: (fault) => venue.strike(fault),
        revoke: () => undefined,
        refuse: (refusal) => venue.refuse(refusal),
        counts,
        ...controls,
      },
      shutdown: () => feed.shutdown(),
      close: () => Promise.resolve(),
    });
  }
});
