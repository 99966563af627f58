import { Buffer } from "node:buffer";
import { InboundFrame } from "@oath-ws/resilience/leaf";
import { SeededRandom } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { spoiltJson } from "../../../venue-kit/test/support/spoilt-json.js";
import { readFrame } from "../../src/feed/decode.js";
import type { ChannelFrame } from "../../src/feed/decode.js";
import { FrameReader } from "../../src/feed/frame-reader.js";

const EVENTS = {
  l2_data:
    '{"type":"update","product_id":"BTC-USD","updates":[{"side":"bid","event_time":' +
    '"2026-09-26T04:14:54.12Z","price_level":"60000.12","new_quantity":"0.5"},{"side":"offer",' +
    '"event_time":"2026-09-26T04:14:54.12Z","price_level":"60001","new_quantity":"0"},{"side":' +
    '"offer","event_time":"1970-01-01T00:00:00Z","price_level":"7","new_quantity":"0.00000000"}]}',
  market_trades:
    '{"type":"snapshot","trades":[{"product_id":"BTC-USD","trade_id":"700000001","price":' +
    '"60000.12","size":"0.0015","time":"2026-09-26T04:14:54.123456Z","side":"BUY"},{"product_id":' +
    '"ETH-USD","trade_id":"7","price":"3","size":"1","time":"2026-09-26T04:14:54Z","side":"SELL"}]}',
  ticker:
    '{"type":"update","tickers":[{"type":"ticker","product_id":"BTC-USD","price":"60000.12",' +
    '"volume_24_h":"12345.6","low_24_h":"59000","high_24_h":"61000.55","low_52_w":"30000.1",' +
    '"high_52_w":"99000","price_percent_chg_24_h":"-1.2345","best_bid":"60000.11",' +
    '"best_bid_quantity":"1.5","best_ask":"60000.12","best_ask_quantity":"0.25"}]}',
} as const;
type Channel = keyof typeof EVENTS;
const CHANNELS = Object.keys(EVENTS) as Channel[];

function message(channel: Channel, events: string = EVENTS[channel], client = ""): string {
  return (
    `{"channel":"${channel}",${client}"timestamp":"2026-09-26T04:14:54.777523902Z",` +
    `"sequence_num":17,"events":[${events}]}`
  );
}

/** What the reader makes of a message that stands among bytes of others. */
function read(reader: FrameReader, text: string | Uint8Array): ChannelFrame | undefined {
  const bytes = Buffer.from(text as string, "utf8");
  const page = Buffer.concat([Buffer.from('12"}'), bytes, Buffer.from(']}34"}]}')]);
  return reader.read(new InboundFrame("text", page, 4, bytes.length));
}

/** Equal to what `JSON.parse` makes, in every value, and in the order of keys. */
function expectParsed(found: ChannelFrame | undefined, text: string): void {
  const expected = readFrame(text);
  expect({ kind: "channel", frame: found }).toStrictEqual(expected);
  expect(JSON.stringify(found)).toBe(
    JSON.stringify(expected.kind === "channel" ? expected.frame : undefined),
  );
}

describe.each(CHANNELS)("frames of %s", (channel) => {
  it("are read from their bytes as JSON.parse reads them", () => {
    const reader = new FrameReader();
    const event = EVENTS[channel];
    for (const text of [
      message(channel),
      message(channel, event, '"client_id":"",'),
      message(channel, `${event},${event}`),
      message(channel, event.replace("update", "snapshot")),
    ])
      expectParsed(read(reader, text), text);
  });

  it("that are cut anywhere are left to JSON.parse", () => {
    const reader = new FrameReader();
    const text = message(channel);
    for (let length = 0; length < text.length; length++)
      expect(read(reader, text.slice(0, length))).toBeUndefined();
  });

  it.each([
    ["a space", (text: string) => text.replace('"events":', '"events": ')],
    ["an escape", (text: string) => text.replace("60000.12", "6000\\u0030.12")],
    ["a letter beyond ASCII", (text: string) => text.replace("BTC", "B\u00e9C")],
    ["a control character", (text: string) => text.replace("BTC", "B\tC")],
    ["a text of 65 characters", (text: string) => text.replace("60000.12", "6".repeat(65))],
    ["an unknown key", (text: string) => text.replace('"events"', '"x":1,"events"')],
    ["another order of keys", (text: string) => text.replace('"type":"', '"t":1,"type":"')],
    ["a number for a text", (text: string) => text.replace('"60000.12"', "60000.12")],
    ["a number beyond 2^53", (text: string) => text.replace(":17,", ":9007199254740993,")],
    ["a negative number", (text: string) => text.replace(":17,", ":-1,")],
    ["no events", (text: string) => text.replace(/"events":.*/, '"events":[]}')],
    ["something behind the end", (text: string) => `${text} `],
    [
      "another client",
      (text: string) => text.replace('"timestamp"', '"client_id":"7","timestamp"'),
    ],
    ["another channel", (text: string) => text.replace(`"${channel}"`, `"${channel}s"`)],
  ])("with %s are left to JSON.parse", (_name, change) => {
    const changed = change(message(channel));
    expect(changed).not.toBe(message(channel));
    expect(read(new FrameReader(), changed)).toBeUndefined();
  });
});

it("whatever is changed in a frame, the reader is right or leaves it to JSON.parse", () => {
  const random = new SeededRandom(20_261_130);
  const reader = new FrameReader();
  const keys = ["channel", "type", "events", "product_id", "updates", "side", "price", "trades"];
  const counts = { read: 0, left: 0 };
  for (let run = 0; run < 6_000; run++) {
    const channel = CHANNELS[run % CHANNELS.length] as Channel;
    const changed = spoiltJson(random, message(channel), keys);
    const found = read(reader, changed);
    if (found === undefined) {
      counts.left++;
      continue;
    }
    counts.read++;
    expectParsed(found, changed.toString("utf8"));
  }
  // Each of them happens often, or the test shows nothing.
  expect(Math.min(counts.read, counts.left)).toBeGreaterThan(1_000);
});
