import { Buffer } from "node:buffer";
import { InboundFrame } from "@oath-ws/resilience/leaf";
import { lendPayload } from "@oath-ws/resilience";
import { SeededRandom } from "@oath-ws/testing";
import type { Inbox } from "@oath-ws/venue-kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CombinedGrammar } from "../../src/feed/market-grammar.js";
import { EventReader } from "../../src/json/event-reader.js";
import { CombinedOutline } from "../../src/json/outlines.js";
import { scaledOf } from "../../src/json/scaled-of.js";
import { ScaledValues } from "../../src/json/scaled-values.js";
import { parseStreamName } from "../../src/market/stream-name.js";
import { messageOf, NAMES, PAYLOADS, varied } from "../support/json-messages.js";

const KINDS = {
  "btcusdt@trade": "trade",
  "btcusdt@aggTrade": "aggTrade",
  "btcusdt@bookTicker": "bookTicker",
  "btcusdt@depth@100ms": "depth",
} as const;

function frameOf(text: string | Buffer): InboundFrame {
  const bytes = Buffer.from(text as string);
  return new InboundFrame("text", bytes, 0, bytes.length);
}

function reader(): EventReader {
  const outline = new CombinedOutline();
  for (const name of NAMES) outline.learn(parseStreamName(name));
  return new EventReader(outline, new ScaledValues());
}

/** What a scaled grammar tells of a message. */
function tell(text: string): { events: unknown[]; unreadable: unknown[] } {
  const grammar = new CombinedGrammar("scaled");
  for (const name of NAMES) grammar.learn(parseStreamName(name));
  const events: unknown[] = [];
  const unreadable: unknown[] = [];
  const inbox = {
    event: (topic: string, data: unknown) => events.push([topic, data]),
    unreadable: (isConcerned: (topic: string) => boolean, error: unknown) =>
      unreadable.push([NAMES.filter((name) => isConcerned(name)), error]),
  };
  grammar.receive(frameOf(text), inbox as unknown as Inbox);
  return { events, unreadable };
}

const trade = (p: string, q: string): string =>
  PAYLOADS["btcusdt@trade"].replace("60000.12000000", p).replace("0.00150000", q);

describe("payloads with mantissas", () => {
  it.each(NAMES)("of %s are the same from bytes as from JSON.parse", (name) => {
    const found = lendPayload(frameOf(messageOf("combined", name, PAYLOADS[name])), reader());
    const expected = scaledOf(KINDS[name], JSON.parse(PAYLOADS[name]) as object);
    expect(found).toStrictEqual(expected);
    expect(Object.keys(found ?? {})).toEqual(Object.keys(expected));
  });

  it("hold every digit of a price, whatever its precision", () => {
    const decimals = fc.stringMatching(/^[0-9]{1,25}\.[0-9]{1,12}$/);
    fc.assert(
      fc.property(decimals, decimals, (p, q) => {
        const [event] = tell(messageOf("combined", "btcusdt@trade", trade(p, q))).events;
        expect(event).toMatchObject([
          "btcusdt@trade",
          { priceExponent: -(p.split(".")[1] ?? "").length },
        ]);
        const [, data] = event as [string, { p: number | bigint; q: number | bigint }];
        expect(BigInt(data.p)).toBe(BigInt(p.replace(".", "")));
        expect(BigInt(data.q)).toBe(BigInt(q.replace(".", "")));
        for (const mantissa of [data.p, data.q])
          expect(typeof mantissa === "bigint").toBe(!Number.isSafeInteger(Number(mantissa)));
      }),
      { numRuns: 200 },
    );
  });

  it("of different precision are brought to one exponent without loss", () => {
    const levels = '"b":[["0.5","1"],["90071992547409.93","2.25"]],"a":[]}';
    const text = PAYLOADS["btcusdt@depth@100ms"].replace(/"b":.*/, levels);
    const message = messageOf("combined", "btcusdt@depth@100ms", text);
    expect(lendPayload(frameOf(message), reader())).toBeUndefined();
    expect(tell(message).events).toMatchObject([
      [
        "btcusdt@depth@100ms",
        {
          b: [50, 100, 9_007_199_254_740_993n, 225],
          a: [],
          priceExponent: -2,
          quantityExponent: -2,
        },
      ],
    ]);
  });

  it("without numbers have exponents of zero", () => {
    const text = PAYLOADS["btcusdt@depth@100ms"].replace(/"b":.*/, '"b":[],"a":[]}');
    const expected = { b: [], a: [], priceExponent: 0, quantityExponent: 0 };
    const message = messageOf("combined", "btcusdt@depth@100ms", text);
    expect(lendPayload(frameOf(message), reader())).toMatchObject(expected);
    expect(scaledOf("depth", JSON.parse(text) as object)).toMatchObject(expected);
  });

  it.each([
    ["a price that is no number", "btcusdt@trade", trade("abc", "1.0"), "DECIMAL_INVALID"],
    ["a price with an exponent", "btcusdt@trade", trade("1e5", "1.0"), "DECIMAL_INVALID"],
    ["a price of too many digits", "btcusdt@trade", trade("1".repeat(65), "1"), "DECIMAL_INVALID"],
    ["a side that is no list", "btcusdt@depth@100ms", '{"b":1,"a":[]}', "FRAME_UNKNOWN"],
    ["a level that is no list", "btcusdt@depth@100ms", '{"b":[1],"a":[]}', "FRAME_UNKNOWN"],
    [
      "a level without a quantity",
      "btcusdt@depth@100ms",
      '{"b":[["1"]],"a":[]}',
      "DECIMAL_INVALID",
    ],
    ["no payload", "btcusdt@trade", "1", "FRAME_UNKNOWN"],
  ])("%s is a fault of its stream alone", (_name, stream, payload, code) => {
    expect(tell(messageOf("combined", stream, payload))).toEqual({
      events: [],
      unreadable: [[[stream], expect.objectContaining({ code }) as unknown]],
    });
  });

  it("are right or left to JSON.parse, whatever is changed in a message", () => {
    const random = new SeededRandom(20_261_201);
    const events = reader();
    let read = 0;
    for (let run = 0; run < 3_000; run++) {
      const name = NAMES[run % NAMES.length] ?? "btcusdt@trade";
      const message = varied(random, messageOf("combined", name, PAYLOADS[name]));
      const found = lendPayload(frameOf(message), events);
      if (found === undefined) continue;
      read++;
      const { stream, data } = JSON.parse(message.toString("utf8")) as {
        stream: string;
        data: object;
      };
      expect(stream).toBe(events.topic);
      expect(found).toStrictEqual(scaledOf(KINDS[events.topic as keyof typeof KINDS], data));
    }
    expect(read).toBeGreaterThan(400);
  });
});
