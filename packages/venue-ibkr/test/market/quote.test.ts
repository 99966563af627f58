import { describe, expect, it } from "vitest";
import { FIELD_IDS, Quote } from "@oath-ws/venue-ibkr";
import { QuoteBook } from "../../src/market/quote-book.js";

const TOPIC = "smd+265598";
/** Two frames as recorded, members in their order (I-27). */
const SNAPSHOT =
  '{"server_id":"q1","conidEx":"265598","conid":265598,"_updated":1777552110061,"6119":"q1","6509":"DPB","84":"271.55","31":"271.67","86":"271.66","83":0.56,"topic":"smd+265598"}';
const DELTA =
  '{"server_id":"q32","conidEx":"265598","conid":265598,"_updated":1777552129156,"6119":"q32","84":"271.70","86":"271.80","topic":"smd+265598"}';

function frame(text: string): Readonly<Record<string, unknown>> {
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

function quote(fields: Readonly<Record<string, string | number>>): Quote {
  return new Quote(1, "1", undefined, fields, []);
}

describe("partial updates", () => {
  it("add up, and what comes twice says nothing", () => {
    const book = new QuoteBook();
    const first = book.merge(TOPIC, frame(SNAPSHOT));
    expect(first).toMatchObject({
      conid: 265_598,
      conidEx: "265598",
      updatedAt: 1_777_552_110_061,
    });
    expect(first?.changed.toSorted()).toEqual(["31", "6509", "83", "84", "86"]);
    expect(book.merge(TOPIC, frame(SNAPSHOT))).toBeUndefined();
    const second = book.merge(TOPIC, frame(DELTA));
    expect(second).toMatchObject({
      bid: "271.70",
      ask: "271.80",
      last: "271.67",
      changePercent: 0.56,
      updatedAt: 1_777_552_129_156,
    });
    expect(second?.changed).toEqual(["84", "86"]);
    // The one before is not touched by it, and the server's name is no market data.
    expect(first).toMatchObject({ bid: "271.55" });
    expect(second?.fields).not.toHaveProperty("6119");
  });

  it("are kept apart by topic, and begin again when they are told to", () => {
    const book = new QuoteBook();
    book.merge(TOPIC, frame(SNAPSHOT));
    book.merge("smd+265598@SMART", frame(SNAPSHOT));
    book.forget(TOPIC);
    expect(book.merge(TOPIC, frame(DELTA))?.last).toBeUndefined();
    expect(book.merge("smd+265598@SMART", frame(DELTA))?.last).toBe("271.67");
    book.clear();
    expect(book.merge("smd+265598@SMART", frame(DELTA))?.last).toBeUndefined();
  });

  it("may have any name", () => {
    const book = new QuoteBook();
    const given = frame('{"conid":1,"__proto__":"1","constructor":"2","31":"3"}');
    const fields = book.merge(TOPIC, given)?.fields ?? {};
    expect(new Map(Object.entries(fields))).toEqual(
      new Map([
        ["31", "3"],
        ["__proto__", "1"],
        ["constructor", "2"],
      ]),
    );
    expect(book.merge(TOPIC, given)).toBeUndefined();
    expect(book.merge(TOPIC, frame('{"conid":1,"__proto__":"4"}'))?.changed).toEqual(["__proto__"]);
  });

  it("without a contract, or of values that are none, are left out", () => {
    const book = new QuoteBook();
    expect(book.merge(TOPIC, frame('{"_updated":1,"topic":"smd+265598"}'))).toBeUndefined();
    book.merge(TOPIC, frame(SNAPSHOT));
    expect(book.merge(TOPIC, frame('{"conid":265598,"84":null,"86":{}}'))).toBeUndefined();
    // An update that only says that it is one is told: the venue's time moved.
    expect(book.merge(TOPIC, frame('{"conid":265598,"_updated":1777552129999}'))).toMatchObject({
      changed: [],
      bid: "271.55",
    });
  });
});

describe("the names of fields", () => {
  it.each([
    ["271.67", "271.67", "traded"],
    ["C271.67", "271.67", "prior-close"],
    ["H271.67", "271.67", "halted"],
    [undefined, undefined, undefined],
  ])("tell what the last price is: %s", (raw, last, lastKind) => {
    expect(quote(raw === undefined ? {} : { "31": raw })).toMatchObject({ last, lastKind });
  });

  it.each([
    ["RPB", "realtime"],
    ["DPB", "delayed"],
    ["ZP", "frozen"],
    ["Yp", "frozen-delayed"],
    ["N", "not-subscribed"],
    ["?", undefined],
    ["", undefined],
  ])("tell how live it is: %s", (raw, timeliness) => {
    expect(quote({ "6509": raw }).timeliness).toBe(timeliness);
  });

  it("read the documented numbers, and anything else by its own", () => {
    const texts = [
      "bid",
      "ask",
      "bidSize",
      "askSize",
      "lastSize",
      "change",
      "high",
      "low",
      "open",
      "close",
      "priorClose",
      "mark",
      "symbol",
      "volume",
    ] as const;
    for (const name of texts) expect(quote({ [FIELD_IDS[name]]: "x" })[name]).toBe("x");
    expect(quote({ "87": "12.2M", "87_raw": 1.22e7 })).toMatchObject({
      volume: "12.2M",
      volumeRaw: 12_200_000,
    });
    expect([quote({ "83": "-0.5%" }).changePercent, quote({ "83": "n/a" }).changePercent]).toEqual([
      -0.5,
      undefined,
    ]);
    expect(quote({ "7308": "0.5" }).raw("delta")).toBe("0.5");
    expect(quote({ "6508": "&s" }).fields["6508"]).toBe("&s");
    expect(new Set(Object.values(FIELD_IDS)).size).toBe(Object.keys(FIELD_IDS).length);
  });
});
