import { WsError } from "@oath-ws/contract";
import type { CallOutcome, OrderFate, PlaceOutcome } from "@oath-ws/venue-kit";
import type { BinanceMarket } from "@oath-ws/venue-binance";
import { describe, expect, it } from "vitest";
import { BookRig } from "../../venue-kit/test/support/book-rig.js";
import { FeedRig } from "../../venue-kit/test/support/feed-rig.js";
import { instrument } from "../src/index.js";
import type { FeedTelemetry, Telemetry, WatchedMarket } from "../src/index.js";
import { Collected } from "./support/collected.js";

interface Watched {
  readonly collected: Collected;
  readonly telemetry: Telemetry;
  readonly feed: FeedTelemetry;
}

function watched(market?: WatchedMarket, maxSeries?: number): Watched {
  const collected = new Collected();
  const { meterProvider, tracerProvider } = collected;
  const telemetry = instrument({ meterProvider, tracerProvider, channels: false, maxSeries });
  return { collected, telemetry, feed: telemetry.feed("toy", market) };
}

const of = (metric: string): string => `oath_ws.feed.${metric}`;
const TOPIC = { "oath_ws.feed.kind": "topic" };
const BOOK = { "oath_ws.feed.kind": "book" };
const at = (phase: string, kind = TOPIC) => ({ ...kind, "oath_ws.phase": phase });

describe("topics of a feed", () => {
  it("are counted by state, with their gaps by reason, and leave when they end", async () => {
    const rig = new FeedRig();
    const { collected, feed } = watched(rig.feed);
    const [a, b] = await rig.live("a", "b");
    if (a === undefined || b === undefined) throw new Error("not subscribed");
    expect(feed.topic(a)).toBe(a);
    feed.topic(b);
    const live = await collected.values();
    expect(live(of("topics"), at("live"))).toBe(2);
    expect([live(of("connections")), live(of("carried"))]).toEqual([1, 2]);
    expect(live(of("gaps"), { "oath_ws.reason": "reconnect" })).toBe(0);

    rig.venue.publish("a");
    await rig.world.settle();
    rig.venue.seat.peer.reset();
    await rig.world.settle();
    const broken = await collected.values();
    expect([broken(of("topics"), at("live")), broken(of("topics"), at("recovering"))]).toEqual([
      0, 2,
    ]);
    expect(broken(of("recoveries"), TOPIC)).toBe(2);

    await rig.until("live", a, b);
    const before = a.gapCount + b.gapCount;
    const healed = await collected.values();
    expect(healed(of("gaps"), { "oath_ws.reason": "reconnect" })).toBe(before);
    expect(before).toBeGreaterThan(0);

    a.close();
    const closed = await collected.values();
    expect(closed(of("topics"), at("live"))).toBe(1);
    expect(closed(of("recoveries"), TOPIC)).toBe(2);
    await rig.end();
    const ended = await collected.values();
    expect([ended(of("topics"), at("live")), ended(of("connections"))]).toEqual([0, 0]);
  });

  it("that a slow reader loses events of, that go stale, or that are refused", async () => {
    const rig = new FeedRig();
    const { collected, feed } = watched(rig.feed);
    const slow = feed.topic(
      rig.subscribe("a", undefined, {
        policy: { kind: "reliable", maxEvents: 2 },
        staleAfterMs: 3_000,
      }),
    );
    await rig.until("live", slow);
    for (let i = 0; i < 5; i++) rig.venue.publish("a");
    await rig.world.run(2_000);
    expect(slow.discarded).toBe(3);
    const behind = await collected.values();
    expect(behind(of("discarded"), TOPIC)).toBe(3);
    expect(behind(of("reader.behind"))).toBeCloseTo(2, 1);
    await rig.until("stale", slow);
    const stale = await collected.values();
    expect([stale(of("stale"), TOPIC), stale(of("topics"), at("stale"))]).toEqual([1, 1]);

    rig.venue.refused.add("no");
    const refused = feed.topic(rig.subscribe("no"));
    await rig.until("failed", refused);
    const failed = await collected.values();
    expect([failed(of("topics.failed"), TOPIC), failed(of("topics"), at("stale"))]).toEqual([1, 1]);
    expect((await collected.values())(of("topics.failed"), TOPIC)).toBe(1);
    await rig.end();
  });

  it("are counted apart from books", async () => {
    const { collected, feed } = watched();
    const rig = new BookRig();
    feed.book(rig.book);
    expect((await collected.values())(of("topics"), at("recovering", BOOK))).toBe(0);
    expect((await collected.values())(of("topics"), at(rig.phase, BOOK))).toBe(1);
    rig.replace([["1", "1"]], [["2", "1"]]);
    while (rig.turn());
    expect(rig.phase).toBe("live");
    expect((await collected.values())(of("topics"), at("live", BOOK))).toBe(1);
    rig.book.close();
    expect((await collected.values())(of("topics"), at("live", BOOK))).toBe(0);
  });
});

describe("calls of a feed", () => {
  const error = new WsError({ kind: "timeout", code: "CALL_TIMEOUT", message: "planted-secret" });

  it("are counted by outcome, and orders of unknown fate until it is known", async () => {
    const { collected, feed } = watched();
    const answered: CallOutcome<string> = { kind: "answered", answer: "planted-answer" };
    const call = Promise.resolve(answered);
    expect(feed.call(call)).toBe(call);
    await call;
    await feed.call(Promise.resolve({ kind: "didNotLeave", error } as const));
    await feed.call(Promise.reject(error)).catch(() => undefined);
    let settle: (fate: OrderFate<string>) => void = () => undefined;
    const resolution = new Promise<OrderFate<string>>((resolve) => (settle = resolve));
    const order: PlaceOutcome<string, string> = {
      clientId: "planted-id",
      kind: "fateUnknown",
      error,
      resolution,
    };
    await feed.call(Promise.resolve(order));
    const open = await collected.values();
    for (const outcome of ["answered", "didNotLeave", "threw", "fateUnknown"])
      expect(open(of("calls"), { "oath_ws.outcome": outcome }), outcome).toBe(1);
    expect(open(of("calls"), { "oath_ws.outcome": "refused" })).toBe(0);
    expect(open(of("orders.unresolved"))).toBe(1);
    expect(open(of("orders.unresolved.age"))).toBeGreaterThanOrEqual(0);

    settle({ kind: "placed", order: "planted-order" });
    await resolution;
    const known = await collected.values();
    expect([known(of("orders.unresolved")), known(of("orders.unresolved.age"))]).toEqual([0, 0]);
    expect(known(of("orders.resolved"), { "oath_ws.fate": "placed" })).toBe(1);
    expect(JSON.stringify(await collected.metrics())).not.toContain("planted");
  });
});

it("venues are bounded, and feeds of one venue share its series", async () => {
  const { collected, telemetry, feed } = watched(undefined, 2);
  const answered = { kind: "answered", answer: 1 } as const;
  await feed.call(Promise.resolve(answered));
  await telemetry.feed("toy").call(Promise.resolve(answered));
  for (const venue of ["second", "third", "fourth"])
    await telemetry.feed(venue).call(Promise.resolve(answered));
  const value = await collected.values();
  const calls = (venue: string): number | undefined =>
    value(of("calls"), { "oath_ws.venue": venue, "oath_ws.outcome": "answered" });
  expect(["toy", "second", "third", "OTHER"].map(calls)).toEqual([2, 1, undefined, 2]);
});

it("stop() of a feed keeps what was counted, and stop() of all observes nothing", async () => {
  const rig = new FeedRig();
  const { collected, telemetry, feed } = watched(rig.feed);
  const [a] = await rig.live("a");
  if (a === undefined) throw new Error("not subscribed");
  feed.topic(a);
  rig.venue.seat.peer.reset();
  await rig.until("live", a);
  feed.stop();
  feed.stop();
  feed.topic(a);
  const value = await collected.values();
  expect([value(of("topics"), at("live")), value(of("recoveries"), TOPIC)]).toEqual([0, 1]);
  expect(value(of("connections"))).toBe(0);
  telemetry.stop();
  telemetry.feed("late").topic(a);
  const late = await collected.metrics();
  expect(JSON.stringify(late)).not.toContain("late");
  await rig.end();
});

/** Compiled only: the adapters and what they hand out fit. */
export function fits(telemetry: Telemetry, market: BinanceMarket): void {
  const feed = telemetry.feed("binance", market);
  feed.topic(market.subscribe("btcusdt@trade"));
  feed.topic(market.quotes("BTCUSDT"));
  feed.book(market.book("BTCUSDT"));
}
