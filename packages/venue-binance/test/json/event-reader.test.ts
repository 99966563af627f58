import { Buffer } from "node:buffer";
import { InboundFrame } from "@oath-ws/resilience/leaf";
import { lendPayload } from "@oath-ws/resilience";
import { SeededRandom } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { EventReader } from "../../src/json/event-reader.js";
import { CombinedOutline, RawOutline } from "../../src/json/outlines.js";
import { primeShapes } from "../../src/json/prime-shapes.js";
import { TextValues } from "../../src/json/text-values.js";
import { parseStreamName } from "../../src/market/stream-name.js";
import { messageOf, NAMES, PAYLOADS, varied } from "../support/json-messages.js";
import type { Mode, Name } from "../support/json-messages.js";

const MODES: readonly Mode[] = ["combined", "raw"];

function readerOf(mode: Mode, names: readonly string[] = NAMES): EventReader {
  const outline = mode === "raw" ? new RawOutline() : new CombinedOutline();
  for (const name of names) outline.learn(parseStreamName(name));
  return new EventReader(outline, new TextValues());
}

/** What the reader makes of a message that stands among bytes of others. */
function read(reader: EventReader, text: string | Uint8Array): object | undefined {
  const message = Buffer.from(text as string, "utf8");
  const page = Buffer.concat([Buffer.from('12"}'), message, Buffer.from('}34"}]')]);
  return lendPayload(new InboundFrame("text", page, 4, message.length), reader);
}

/** What `JSON.parse` finds: the stream that is named, and the payload. */
function parsed(mode: Mode, text: string): { readonly stream: unknown; readonly data: unknown } {
  const value: unknown = JSON.parse(text);
  if (mode === "raw") return { stream: undefined, data: value };
  const { stream, data } = value as { readonly stream: unknown; readonly data: unknown };
  return { stream, data };
}

/** Equal in every value, and in the order of keys. */
function expectEqual(found: unknown, expected: unknown): void {
  expect(found).toStrictEqual(expected);
  expect(JSON.stringify(found)).toBe(JSON.stringify(expected));
}

describe.each(MODES)("in %s mode", (mode) => {
  it.each(NAMES)("the payload of %s is what JSON.parse makes of it", (name) => {
    const reader = readerOf(mode);
    const text = messageOf(mode, name, PAYLOADS[name]);
    expectEqual(read(reader, text), JSON.parse(PAYLOADS[name]));
    expect(reader.topic).toBe(name);
    // The stream of the last message may be another one.
    for (const other of NAMES) {
      expectEqual(
        read(reader, messageOf(mode, other, PAYLOADS[other])),
        JSON.parse(PAYLOADS[other]),
      );
      expect(reader.topic).toBe(other);
    }
  });

  it("times in microseconds and empty sides are read too", () => {
    const payload = PAYLOADS["btcusdt@depth@100ms"]
      .replace("1770000000123", "1770000000123456")
      .replace(/"b":.*/, '"b":[],"a":[]}');
    const text = messageOf(mode, "btcusdt@depth@100ms", payload);
    expectEqual(read(readerOf(mode), text), JSON.parse(payload));
  });

  it("prices keep every digit, beyond 2^53 too", () => {
    const exact = "9007199254740993.00000000000000001";
    const payload = PAYLOADS["btcusdt@trade"].replace("60000.12000000", exact);
    const found = read(readerOf(mode), messageOf(mode, "btcusdt@trade", payload));
    expect(found).toMatchObject({ p: exact });
  });

  const trade = PAYLOADS["btcusdt@trade"];
  const depth = PAYLOADS["btcusdt@depth@100ms"];
  it.each([
    ["another order of keys", trade.replace('"m":true,"M":true', '"M":true,"m":true')],
    ["a space", trade.replace('"t":', '"t": ')],
    ["a line break at the end", `${trade}\n`],
    ["an escape in a text", trade.replace("60000.12", "\\u0036000.12")],
    ["an escape in a key", trade.replace('"t":', '"\\u0074":')],
    ["an unknown key", trade.replace(',"M":true', ',"M":true,"x":1')],
    ["an unknown key in between", trade.replace(',"T":', ',"b":1,"a":2,"T":')],
    ["a missing key", trade.replace(',"M":true', "")],
    ["a repeated key", trade.replace('"M":true', '"M":true,"m":false')],
    ["an exponent", trade.replace('"t":5000000001', '"t":5e9')],
    ["a fraction in an id", trade.replace('"t":5000000001', '"t":5.5')],
    ["a negative id", trade.replace('"t":5000000001', '"t":-5')],
    ["an id beyond 2^53", trade.replace('"t":5000000001', '"t":9007199254740993')],
    ["a number that is no JSON", trade.replace('"t":5000000001', '"t":05')],
    ["a huge number", trade.replace('"t":5000000001', `"t":${"9".repeat(100_000)}`)],
    ["a price that is a number", trade.replace('"60000.12000000"', "60000.12")],
    ["a price with a sign", trade.replace("60000.12", "-60000.12")],
    ["a price that is no number", trade.replace("60000.12", "abc")],
    ["an empty price", trade.replace("60000.12000000", "")],
    ["a price of a million digits", trade.replace("60000.12", "1".repeat(1_000_000))],
    ["null", trade.replace('"60000.12000000"', "null")],
    ["a flag that is no truth value", trade.replace('"m":true', '"m":1')],
    ["another symbol", trade.replace("BTCUSDT", "ETHUSDT")],
    ["a symbol in lower case", trade.replace("BTCUSDT", "btcusdt")],
    ["a symbol of other letters", trade.replace("BTCUSDT", "币安人生USDT")],
    ["another type", trade.replace('"trade"', '"trades"')],
    ["something after the end", `${trade}}`],
    ["two payloads", `${trade}${trade}`],
    ["a byte order mark", `\ufeff${trade}`],
    ["a level of one", depth.replace('["60000.12000000","0.10000000"]', '["60000.12000000"]')],
    ["a level of three", depth.replace('"0.10000000"]', '"0.10000000",[]]')],
    ["deep nesting", depth.replace('"a":[', `"a":${"[".repeat(100_000)}`)],
    ["a comma at the end of a list", depth.replace('"]]}', '"],]}')],
    ["no payload", ""],
  ])("%s is left to JSON.parse", (_name, payload) => {
    const name = payload.includes("depthUpdate") ? "btcusdt@depth@100ms" : "btcusdt@trade";
    expect(read(readerOf(mode), messageOf(mode, name, payload))).toBeUndefined();
  });

  it.each(NAMES)("a message of %s that is cut anywhere is left to JSON.parse", (name) => {
    const reader = readerOf(mode);
    const text = messageOf(mode, name, PAYLOADS[name]);
    for (let length = 0; length < text.length; length++)
      expect(read(reader, text.slice(0, length))).toBeUndefined();
    expect(read(reader, text)).toBeDefined();
  });

  it("a stream that was not asked for is left to JSON.parse", () => {
    const text = messageOf(mode, "ethusdt@trade", trade.replace("BTCUSDT", "ETHUSDT"));
    expect(read(readerOf(mode), text)).toBeUndefined();
    expect(read(readerOf(mode, []), messageOf(mode, "btcusdt@trade", trade))).toBeUndefined();
    // Kinds without a fixed shape, and symbols that JSON writes in several ways, are never read.
    const names = ["btcusdt@kline_1m", "币安人生usdt@trade", 'a"b@trade', "a\\b@trade"];
    expect(read(readerOf(mode, names), text)).toBeUndefined();
  });

  it("whatever is changed in a message, the reader is right or leaves it to JSON.parse", () => {
    const random = new SeededRandom(20_261_130);
    const reader = readerOf(mode);
    const other = readerOf(mode);
    const counts = { read: 0, left: 0, invalid: 0 };
    for (let run = 0; run < 5_000; run++) {
      const name = NAMES[run % NAMES.length] as Name;
      const text = messageOf(mode, name, PAYLOADS[name]);
      const message = varied(random, text);
      const found = read(reader, message);
      // What a reader read before changes nothing.
      expect(read(other, text)).toBeDefined();
      let expected: ReturnType<typeof parsed> | undefined;
      try {
        expected = parsed(mode, message.toString("utf8"));
      } catch {
        counts.invalid++;
      }
      if (found === undefined) {
        counts.left++;
        continue;
      }
      counts.read++;
      expectEqual(found, expected?.data);
      if (mode === "combined") expect(reader.topic).toBe(expected?.stream);
    }
    // Each of them happens often, or the test shows nothing.
    expect(Math.min(counts.read, counts.left, counts.invalid)).toBeGreaterThan(400);
  });
});

it("every shape is primed with numbers that V8 stores as doubles", () => {
  const made: object[] = [];
  class Recorded extends TextValues {
    override end(payload: object): object {
      made.push(payload);
      return payload;
    }
  }
  primeShapes(new Recorded());
  expect(made).toHaveLength(NAMES.length);
  const numbers = made.flatMap((payload) =>
    Object.values(payload).filter((value) => typeof value === "number"),
  );
  expect(numbers).toHaveLength(3 + 5 + 1 + 3);
  for (const value of numbers) expect(value).toBeGreaterThan(2 ** 32);
});
