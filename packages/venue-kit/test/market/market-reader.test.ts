import { WsError } from "@oath-ws/contract";
import { VirtualTimer } from "@oath-ws/testing";
import { MarketReader, marketSource, SymbolBoard, symbolReader } from "../../src/index.js";
import type {
  Mapping,
  MarketSource,
  StreamPolicy,
  SubscribeOptions,
  TopicEvent,
} from "../../src/index.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Announce } from "../../src/topic/observed-reader.js";
import { Topic } from "../../src/topic/topic.js";
import { readUntil, until } from "../support/read-until.js";

/** A payload of several numbers; `bad` ones lack the outline. */
interface Payload {
  readonly numbers: readonly number[];
  readonly bad?: boolean;
}

const FIRST: Mapping<Payload, string> = {
  kind: "one",
  map: ({ numbers: [first], bad }) => (bad === true ? undefined : `${first}`),
};
const EACH: Mapping<Payload, string> = {
  kind: "many",
  map: ({ numbers, bad }, emit) => {
    for (const number of numbers) emit(`${number}`);
    if (bad === true) throw new TypeError("no number");
  },
};

/** Topics by symbol, confirmed and live, whose events are given in by hand. */
class Venue {
  readonly timer = new VirtualTimer();
  readonly topics = new Map<string, Topic<Payload>>();
  /** Readers that were announced, in the order in which they were made. */
  readonly announced: Parameters<Announce>[0][] = [];
  /** Symbols that are refused. */
  readonly refused = new Set<string>();

  readonly open = (symbol: string, options: SubscribeOptions): MarketSource<string> =>
    this.source(symbol, FIRST, options.policy);

  source(symbol: string, mapping = FIRST, policy?: StreamPolicy): MarketSource<string> {
    if (this.refused.has(symbol))
      throw new WsError({ kind: "client", code: "TOPIC_INVALID", message: symbol });
    const subscription = this.#topic(symbol).subscribe({ policy });
    return marketSource(symbol, subscription, mapping, () => subscription.close());
  }

  push(symbol: string, ...numbers: number[]): void {
    this.offer(symbol, { numbers });
  }

  offer(symbol: string, payload: Payload, isCurrent = true): void {
    const session = { epoch: 1, broke: undefined };
    this.topics.get(symbol)?.offer(payload, session, this.timer.now(), isCurrent);
  }

  end(symbol: string, error?: WsError): void {
    this.topics.get(symbol)?.end(error);
    this.topics.delete(symbol);
  }

  #topic(symbol: string): Topic<Payload> {
    const known = this.topics.get(symbol);
    if (known !== undefined) return known;
    const topic: Topic<Payload> = new Topic<Payload>({
      name: `topic ${symbol}`,
      rules: { identity: () => 0, range: undefined },
      timer: this.timer,
      announce: (observed) => this.announced.push(observed),
      onAbandoned: () => {
        topic.end();
        this.topics.delete(symbol);
      },
    });
    this.topics.set(symbol, topic);
    topic.confirmed({ epoch: 1, broke: undefined });
    topic.watch.enter("live", undefined, 1);
    return topic;
  }
}

function drain(reader: MarketReader<string>): string[] {
  const read: string[] = [];
  for (let event = reader.take(); event !== undefined; event = reader.take())
    read.push(`${event.topic.replace("topic ", "")}${event.data}`);
  return read;
}

const REFUSED = new WsError({ kind: "client", code: "SUBSCRIPTION_REFUSED", message: "no" });

describe("a reader of many symbols", () => {
  it("has the newest of each, in turn, and counts what was replaced apart from gaps", () => {
    const venue = new Venue();
    const reader = new SymbolBoard(venue.open, venue.timer).read(["A", "B", "C"]);
    expect(reader.symbols).toEqual(["A", "B", "C"]);
    venue.push("A", 1);
    venue.push("B", 1);
    venue.push("A", 2);
    venue.push("A", 3);
    venue.push("C", 1);
    expect(drain(reader)).toEqual(["A3", "B1", "C1"]);
    expect(reader).toMatchObject({ replaced: 2, discarded: 0, gapCount: 0, gaps: [] });
    // One that is never quiet takes no turn of the others.
    for (let round = 0; round < 5; round++) venue.push("A", round);
    venue.push("B", 2);
    expect(drain(reader)).toEqual(["A4", "B2"]);
    expect(reader.replaced).toBe(6);
  });

  it("reads all in order and records what it lost when that is asked for", () => {
    const venue = new Venue();
    const reader = new SymbolBoard(venue.open, venue.timer).read(["A", "B"], {
      policy: { kind: "reliable", maxEvents: 2 },
    });
    for (const number of [1, 2, 3]) {
      venue.push("A", number);
      venue.push("B", number);
    }
    expect(drain(reader)).toEqual(["A2", "B2", "A3", "B3"]);
    expect(reader).toMatchObject({ replaced: 0, discarded: 2, gapCount: 2 });
    expect(reader.gaps.map(({ topic, reason, fromSeq }) => [topic, reason, fromSeq])).toEqual([
      ["topic A", "overflow", 1],
      ["topic B", "overflow", 1],
    ]);
  });

  it("agrees with a plain list of what waits, whatever comes and is read", () => {
    const step = fc.oneof(
      fc.record({ push: fc.constantFrom("A", "B", "C"), times: fc.nat(4) }),
      fc.record({ read: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const venue = new Venue();
        const reader = new SymbolBoard(venue.open, venue.timer).read(["A", "B", "C"]);
        const waiting = new Map<string, number>();
        let [count, read, replaced] = [0, 0, 0];
        for (const one of steps) {
          if ("push" in one) {
            for (let time = 0; time < one.times; time++) {
              venue.push(one.push, ++count);
              if (waiting.has(one.push)) replaced++;
              waiting.set(one.push, count);
            }
          } else {
            for (let time = 0; time < one.read; time++) {
              const [next] = waiting;
              if (next !== undefined) {
                waiting.delete(next[0]);
                read++;
              }
              const event = reader.take();
              expect(event && `${event.topic}=${event.data}`).toBe(
                next && `topic ${next[0]}=${next[1]}`,
              );
            }
          }
          expect(reader.replaced).toBe(replaced);
          expect(count).toBe(read + replaced + waiting.size);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("wakes a reader that waits, for each symbol", async () => {
    const venue = new Venue();
    const reader = new SymbolBoard(venue.open, venue.timer).read(["A", "B"]);
    const first = readUntil(reader, () => true);
    venue.push("B", 7);
    expect((await first)[0]).toMatchObject({ topic: "topic B", data: "7", isCurrent: true });
    const iterator = reader[Symbol.asyncIterator]();
    const next = iterator.next();
    venue.push("A", 8);
    expect(await next).toMatchObject({ value: { data: "8", epoch: 1, seq: 1 } });
  });

  it("goes on without a symbol that is refused, and ends when all are", async () => {
    const venue = new Venue();
    const reader = new SymbolBoard(venue.open, venue.timer).read(["A", "B"]);
    venue.push("A", 1);
    venue.end("A", REFUSED);
    venue.push("B", 1);
    expect(reader.stateOf("A")?.snapshot.phase).toBe("failed");
    expect(reader.state.snapshot.phase).toBe("live");
    expect(drain(reader)).toEqual(["A1", "B1"]);
    venue.end("B", REFUSED);
    await expect(reader.readable()).rejects.toBe(REFUSED);
    expect(reader.state.snapshot).toMatchObject({ phase: "failed", cause: REFUSED });
  });

  it("gives back what it holds when one of its symbols cannot be held", () => {
    const venue = new Venue();
    venue.refused.add("B");
    const board = new SymbolBoard(venue.open, venue.timer);
    expect(() => board.read(["A", "B"])).toThrowError(/B/);
    expect(Array.from(venue.topics.keys())).toEqual([]);
    expect(() => board.read([])).toThrowError(/symbols: must name a symbol/);
    // The same symbol twice is one.
    board.read(["A", "A"]).close();
    expect(Array.from(venue.topics.keys())).toEqual([]);
  });

  it("stands where its worst symbol stands, with the sums of the totals", async () => {
    const venue = new Venue();
    const reader = new SymbolBoard(venue.open, venue.timer).read(["A", "B"]);
    const a = venue.topics.get("A")!;
    const b = venue.topics.get("B")!;
    a.watch.enter("stale");
    await until(reader.state, ({ phase, staleCount }) => phase === "stale" && staleCount === 1);
    b.watch.enter("recovering");
    await until(
      reader.state,
      ({ phase, recoveries }) => phase === "recovering" && recoveries === 1,
    );
    a.watch.enter("live");
    b.watch.enter("live");
    await until(reader.state, ({ phase }) => phase === "live");
    expect(reader.state.snapshot).toMatchObject({ staleCount: 1, recoveries: 1, epoch: 1 });
  });
});

describe("a reader of all symbols that are held", () => {
  it("follows those that others hold, from when they do until none does", () => {
    const venue = new Venue();
    const board = new SymbolBoard(venue.open, venue.timer);
    const a = board.read("A");
    const all = board.read("*");
    expect(all.symbols).toEqual(["A"]);
    const [b, alsoB] = [board.read(["B"]), board.read("B")];
    expect(all.symbols).toEqual(["A", "B"]);
    venue.push("A", 1);
    venue.push("B", 1);
    expect(drain(all)).toEqual(["A1", "B1"]);
    expect(drain(a)).toEqual(["A1"]);
    b.close();
    venue.push("B", 2);
    expect(drain(all)).toEqual(["B2"]);
    venue.push("B", 3);
    alsoB.close();
    alsoB.close();
    expect(all.symbols).toEqual(["A"]);
    // It holds nothing itself.
    expect(Array.from(venue.topics.keys())).toEqual(["A"]);
    expect(drain(all)).toEqual([]);
  });

  it("goes on without any symbol, keeps its totals, and ends with the adapter", async () => {
    const venue = new Venue();
    const board = new SymbolBoard(venue.open, venue.timer);
    const all = board.read("*");
    expect(all.state.snapshot.phase).toBe("subscribing");
    for (let round = 1; round <= 3; round++) {
      const a = board.read("A");
      venue.push("A", 1);
      venue.push("A", 2);
      expect(all.state.snapshot.phase).toBe("live");
      expect(drain(all)).toEqual(["A2"]);
      expect(all.replaced).toBe(round);
      a.close();
    }
    const refused = board.read("A");
    venue.end("A", REFUSED);
    await expect(refused.readable()).rejects.toBe(REFUSED);
    expect(all.symbols).toEqual([]);
    board.end();
    expect(await all.readable()).toBe(false);
    expect(all.state.snapshot.phase).toBe("closed");
  });

  it("reads nothing more once closed, while the others go on", async () => {
    const venue = new Venue();
    const board = new SymbolBoard(venue.open, venue.timer);
    const [a, all] = [board.read("A"), board.read("*")];
    venue.push("A", 1);
    all[Symbol.dispose]();
    expect(await all.readable()).toBe(false);
    expect(all.symbols).toEqual([]);
    expect(board.read("B").symbols).toEqual(["B"]);
    expect(drain(a)).toEqual(["A1"]);
  });
});

describe("a reader whose payloads hold several events", () => {
  const read = (venue: Venue, policy?: StreamPolicy): MarketReader<string> =>
    symbolReader(
      (symbol, options) => venue.source(symbol, EACH, options.policy),
      venue.timer,
      "A",
      {
        policy,
      },
    );

  it("hands them out one by one, also those of a payload without any", async () => {
    const venue = new Venue();
    const reader = read(venue);
    venue.push("A");
    const waiting = reader.readable();
    venue.push("A");
    venue.push("A", 1, 2, 3);
    expect(await waiting).toBe(true);
    const events: TopicEvent<string>[] = [];
    for (let event = reader.take(); event !== undefined; event = reader.take()) events.push(event);
    expect(events.map(({ data, seq }) => [data, seq])).toEqual([
      ["1", 3],
      ["2", 3],
      ["3", 3],
    ]);
    venue.push("A");
    expect(reader.take()).toBeUndefined();
  });

  it("leaves a gap record for a payload that cannot be read, and nothing of it", () => {
    const venue = new Venue();
    const reader = read(venue);
    venue.push("A", 1);
    venue.offer("A", { numbers: [2], bad: true });
    venue.push("A", 3);
    expect(drain(reader)).toEqual(["A1", "A3"]);
    expect(reader).toMatchObject({ unreadable: 1, gapCount: 1, gaps: [{ reason: "malformed" }] });
    const quotes = new SymbolBoard(venue.open, venue.timer).read("B");
    venue.offer("B", { numbers: [1], bad: true });
    expect(drain(quotes)).toEqual([]);
    expect(quotes).toMatchObject({ unreadable: 1, gapCount: 1 });
  });

  it("is as far behind as the payload whose events wait", () => {
    const venue = new Venue();
    const reader = read(venue);
    venue.push("A", 1, 2);
    reader.take();
    venue.timer.advance(500);
    expect(reader.readerBehindMs).toBe(500);
    expect(reader.isFresh(499)).toBe(false);
    reader.take();
    expect(reader.readerBehindMs).toBe(0);
    expect([reader.isFresh(499), reader.isFresh(500)]).toEqual([false, true]);
  });
});

describe("the freshness of a reader", () => {
  it("is of what it was handed last, while nothing older waits", () => {
    const venue = new Venue();
    const reader = new SymbolBoard(venue.open, venue.timer).read(["A", "B"]);
    expect([reader.isFresh(1_000), reader.age()]).toEqual([false, undefined]);
    venue.push("A", 1);
    expect(reader.isFresh(1_000)).toBe(false);
    reader.take();
    expect(reader.isFresh(0)).toBe(true);
    expect(reader.isFresh(0, "B")).toBe(false);
    venue.timer.advance(100);
    venue.push("B", 1);
    venue.timer.advance(50);
    expect(reader.readerBehindMs).toBe(50);
    expect([reader.isFresh(149), reader.isFresh(150)]).toEqual([false, true]);
    venue.timer.advance(200);
    venue.push("A", 2);
    // The one that it was handed last is older than what is asked for.
    expect(reader.isFresh(300)).toBe(false);
    reader.take();
    expect(reader.age()).toMatchObject({ oursMs: 250 });
    expect(reader.age("A")).toMatchObject({ oursMs: 350 });
    expect([reader.isFresh(250, "B"), reader.isFresh(250, "A")]).toEqual([true, false]);
  });

  it("is false while an older event of another symbol waits", () => {
    const venue = new Venue();
    const reader = new SymbolBoard(venue.open, venue.timer).read(["A", "B"]);
    venue.push("A", 1);
    venue.timer.advance(50);
    venue.push("B", 1);
    venue.timer.advance(50);
    venue.push("A", 2);
    venue.timer.advance(20);
    // It has the turn of the one that it replaced.
    expect(reader.take()).toMatchObject({ data: "2" });
    expect(reader.age()).toMatchObject({ oursMs: 20 });
    expect([reader.isFresh(69), reader.isFresh(70)]).toEqual([false, true]);
  });

  it("ends with the topic's state, with an event of a connection that had ended, and with it", () => {
    const venue = new Venue();
    const reader = new SymbolBoard(venue.open, venue.timer).read("A");
    venue.push("A", 1);
    reader.take();
    expect(reader.isFresh(1_000)).toBe(true);
    venue.topics.get("A")!.watch.enter("stale");
    expect(reader.isFresh(1_000)).toBe(false);
    venue.topics.get("A")!.watch.enter("live");
    venue.offer("A", { numbers: [2] }, false);
    reader.take();
    expect(reader.isFresh(1_000)).toBe(false);
    venue.push("A", 3);
    reader.take();
    expect(reader.isFresh(1_000)).toBe(true);
    venue.timer.sleep(60_000);
    expect(reader.isFresh(1_000)).toBe(false);
    reader.close();
    expect(reader.isFresh(Number.POSITIVE_INFINITY)).toBe(false);
  });
});

it("a reader that is made late gets what waits, and an end that was before", async () => {
  const venue = new Venue();
  const source = venue.source("A");
  venue.push("A", 1);
  venue.end("A", REFUSED);
  const reader = new MarketReader<string>({
    kind: "trades",
    sources: [source],
    policy: "reliable",
    now: () => venue.timer.now(),
  });
  expect(drain(reader)).toEqual(["A1"]);
  await expect(reader.readable()).rejects.toBe(REFUSED);
});

it("a market reader is announced with what it is made of, and shows a watcher what it hands out", async () => {
  const venue = new Venue();
  const reader = symbolReader(venue.open, venue.timer, "A");
  const board = new SymbolBoard(venue.open, venue.timer);
  const quotes = board.read(["B", "C"]);
  expect(venue.announced.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "topic topic A",
    "trades A",
    "topic topic B",
    "topic topic C",
    "quotes B C",
  ]);
  expect(venue.announced[1]?.reader).toBe(reader);
  expect(venue.announced[4]?.reader).toBe(quotes);
  const seen: string[] = [];
  venue.push("A", 1);
  const stop = reader.observe(({ data }) => seen.push(data));
  venue.push("A", 2);
  // Nothing is taken from the reader, and nothing is seen that it did not get.
  expect(seen).toEqual([]);
  expect([reader.take()?.data, reader.take()?.data]).toEqual(["1", "2"]);
  expect(seen).toEqual(["1", "2"]);
  stop();
  venue.push("A", 3);
  expect(await reader.readable()).toBe(true);
  expect(reader.take()?.data).toBe("3");
  expect(seen).toEqual(["1", "2"]);
});
