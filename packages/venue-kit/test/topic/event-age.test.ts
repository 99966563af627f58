import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ClockOffset } from "@oath-ws/venue-kit";
import type { EventAge, TopicRules } from "@oath-ws/venue-kit";
import { VirtualTimer } from "@oath-ws/testing";
import type { Subscription } from "../../src/topic/subscription.js";
import { Topic } from "../../src/topic/topic.js";

interface Stamped {
  readonly at: number | undefined;
}

const RULES: TopicRules<Stamped> = {
  identity: () => 0,
  range: undefined,
  timeMs: ({ at }) => at,
};

/** A venue whose clock is off, and a topic of it. */
class Skewed {
  readonly timer = new VirtualTimer();
  readonly topic: Topic<Stamped>;
  readonly subscription: Subscription<Stamped>;
  /** How far our clock is ahead of the venue's. */
  aheadMs: number;

  constructor(aheadMs: number, rules: TopicRules<Stamped> = RULES) {
    this.aheadMs = aheadMs;
    this.topic = new Topic({ name: "t", rules, timer: this.timer, onAbandoned: () => undefined });
    this.subscription = this.topic.subscribe({});
  }

  get venueNow(): number {
    return this.timer.wallNow() - this.aheadMs;
  }

  /** An event that travels for so long. */
  event(travelMs: number): EventAge | undefined {
    const at = this.venueNow;
    this.timer.advance(travelMs);
    this.topic.offer({ at }, { epoch: 1, broke: undefined }, this.timer.now(), true);
    this.subscription.take();
    return this.subscription.age();
  }
}

const close = (ms: number): unknown => expect.closeTo(ms, 3);

describe("the age of an event by both clocks", () => {
  it.each([0, 3_600_000, -3_600_000, 0.25])(
    "shows what it took longer than the fastest, whatever our clock is ahead: %s ms",
    (aheadMs) => {
      const venue = new Skewed(aheadMs);
      expect(venue.subscription.age()).toBeUndefined();
      // The first event is the fastest one.
      expect(venue.event(20)).toEqual({
        oursMs: 0,
        venueMs: close(0),
        offsetMs: close(aheadMs + 20),
      });
      expect(venue.event(420)).toEqual({
        oursMs: 0,
        venueMs: close(400),
        offsetMs: close(aheadMs + 20),
      });
      // A faster one corrects the estimate, and with it what the age is.
      expect(venue.event(5)).toMatchObject({ venueMs: close(0), offsetMs: close(aheadMs + 5) });
      expect(venue.event(420)).toMatchObject({ venueMs: close(415) });
      venue.timer.advance(1_000);
      expect(venue.subscription.age()).toMatchObject({ oursMs: 1_000, venueMs: close(1_415) });
    },
  );

  it("keeps its stated bound over any travelling times", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -100_000, max: 100_000 }),
        fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 100 }),
        (aheadMs, travels) => {
          const venue = new Skewed(aheadMs);
          let least = Number.POSITIVE_INFINITY;
          for (const travelMs of travels) {
            const age = venue.event(travelMs);
            least = Math.min(least, travelMs);
            // Never too small, and too large by the fastest event's travelling time.
            expect(age?.offsetMs).toBeCloseTo(aheadMs + least, 3);
            // The true age is `travelMs`.
            expect(age?.venueMs).toBeCloseTo(travelMs - least, 3);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("forgets the fastest event after 5 minutes, so that it follows clocks that drift", () => {
    const venue = new Skewed(0);
    venue.event(10);
    venue.aheadMs = 500;
    venue.timer.advance(260_000);
    expect(venue.event(10)).toMatchObject({ venueMs: close(500), offsetMs: close(10) });
    venue.timer.advance(60_000);
    expect(venue.event(10)).toMatchObject({ venueMs: close(0), offsetMs: close(510) });
  });

  it("follows a venue's clock that is set forwards at once", () => {
    const venue = new Skewed(0);
    venue.event(10);
    venue.aheadMs = -500;
    expect(venue.event(10)).toMatchObject({ venueMs: close(0), offsetMs: close(-490) });
  });

  it("counts the time that the machine slept, and is not fooled by our clock being set back", () => {
    const venue = new Skewed(0);
    venue.event(10);
    venue.timer.stepWall(60_000);
    expect(venue.subscription.age()).toMatchObject({ oursMs: 60_000, venueMs: close(60_000) });
    const set = new Skewed(0);
    set.event(10);
    set.timer.stepWall(-60_000);
    expect(set.subscription.age()).toEqual({
      oursMs: 0,
      venueMs: close(0),
      offsetMs: close(-60_000 + 10),
    });
  });

  it("takes an event that is the first to notice a sleep for one of after it", () => {
    const venue = new Skewed(0);
    venue.event(10);
    venue.timer.sleep(60_000);
    // Its arrival by our clock stays uncertain; the difference of the clocks does not change.
    expect(venue.event(10)).toMatchObject({ oursMs: 60_000, offsetMs: close(10) });
    expect(venue.event(410)).toMatchObject({ venueMs: close(400), offsetMs: close(10) });
  });

  it("has no age by the venue's clock where events have no time", () => {
    const venue = new Skewed(0);
    venue.event(10);
    venue.topic.offer({ at: undefined }, { epoch: 1, broke: undefined }, venue.timer.now(), true);
    venue.subscription.take();
    expect(venue.subscription.age()).toEqual({
      oursMs: 0,
      venueMs: undefined,
      offsetMs: close(10),
    });
    const silent = new Skewed(0, { identity: () => 0, range: undefined });
    expect(silent.event(10)).toEqual({ oursMs: 0, venueMs: undefined, offsetMs: undefined });
  });

  it("is of the event that was handed out, not of one that waits", () => {
    const venue = new Skewed(0);
    venue.event(0);
    venue.timer.advance(100);
    venue.topic.offer(
      { at: venue.venueNow },
      { epoch: 1, broke: undefined },
      venue.timer.now(),
      true,
    );
    expect(venue.subscription.age()).toMatchObject({ oursMs: 100, venueMs: close(100) });
    venue.subscription.take();
    expect(venue.subscription.age()).toMatchObject({ oursMs: 0, venueMs: close(0) });
  });
});

describe("the offset of a clock", () => {
  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("ignores the time %s", (time) => {
    const clock = new ClockOffset();
    clock.heard(1_000, time);
    expect(clock.leastMs).toBeUndefined();
  });

  it("takes events that arrive out of order", () => {
    const clock = new ClockOffset();
    clock.heard(100_000, 90_000);
    clock.heard(40_000, 39_000);
    expect(clock.leastMs).toBe(1_000);
  });
});
