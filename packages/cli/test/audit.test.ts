import type { MarketPayload } from "@oath-ws/venue-binance";
import { parseStreamName } from "@oath-ws/venue-binance";
import type { GapReason, GapRecord, TopicEvent } from "@oath-ws/venue-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Audit } from "../src/demo/audit.js";
import { IdRanges } from "../src/demo/id-ranges.js";
import type { IdRange } from "../src/demo/id-ranges.js";

const TOPIC = "btcusdt@trade";

function audit(): Audit {
  return new Audit(parseStreamName(TOPIC));
}

function trade(id: number, seq: number): TopicEvent<MarketPayload> {
  const data = { t: id } as unknown as MarketPayload;
  return { topic: TOPIC, data, epoch: 1, seq, receivedAt: 0, isCurrent: true, gaps: 0 };
}

function gap(fromSeq: number, toSeq: number, reason: GapReason): GapRecord {
  return { topic: TOPIC, epoch: 1, fromSeq, toSeq, fromTime: undefined, toTime: 0, reason };
}

describe("Audit", () => {
  it("finds nothing wrong when all is delivered or announced", () => {
    const seen = audit();
    seen.event(trade(10, 1));
    seen.gap(gap(11, 12, "reconnect"));
    seen.event(trade(13, 2));
    seen.gap(gap(3, 6, "overflow"));
    seen.event(trade(18, 7));
    expect(seen.verdict([{ first: 10, last: 18 }])).toEqual({
      published: 9,
      delivered: 3,
      announced: 6,
      unaccounted: 0,
      repeated: 0,
    });
  });

  it("finds what is missing without a word", () => {
    const seen = audit();
    seen.event(trade(10, 1));
    seen.event(trade(13, 2));
    expect(seen.verdict([{ first: 10, last: 14 }])).toMatchObject({
      delivered: 2,
      announced: 0,
      unaccounted: 3,
    });
  });

  it("does not take an overflow record for more than it covers", () => {
    const seen = audit();
    seen.event(trade(10, 1));
    seen.gap(gap(2, 3, "overflow"));
    seen.event(trade(15, 6));
    expect(seen.verdict([{ first: 10, last: 15 }])).toMatchObject({ announced: 0, unaccounted: 4 });
  });

  it("counts repeats, and gaps only as far as the venue published", () => {
    const seen = audit();
    seen.event(trade(10, 1));
    seen.event(trade(10, 2));
    seen.gap(gap(11, 99, "reconnect"));
    seen.event(trade(100, 3));
    const published = [
      { first: 10, last: 12 },
      { first: 100, last: 100 },
    ];
    expect(seen.verdict(published)).toEqual({
      published: 4,
      delivered: 2,
      announced: 2,
      unaccounted: 0,
      repeated: 1,
    });
  });

  it("refuses a stream that cannot be audited", () => {
    expect(() => new Audit(parseStreamName("btcusdt@bookTicker"))).toThrow(/no consecutive ids/);
  });
});

describe("IdRanges", () => {
  it("counts as a set of numbers would", () => {
    const ranges = fc.array(
      fc.tuple(fc.nat(50), fc.nat(5)).map(([first, more]) => ({ first, last: first + more })),
    );
    fc.assert(
      fc.property(ranges, ranges, fc.nat(50), fc.nat(20), (one, two, first, more) => {
        const asked = { first, last: first + more };
        const members = new Set([...one, ...two].flatMap((range) => numbers(range)));
        expect(filled(one).union(filled(two)).countIn([asked])).toBe(
          numbers(asked).filter((id) => members.has(id)).length,
        );
      }),
    );
  });
});

function filled(ranges: readonly IdRange[]): IdRanges {
  const set = new IdRanges();
  for (const { first, last } of ranges) set.add(first, last);
  return set;
}

function numbers({ first, last }: IdRange): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
