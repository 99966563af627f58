import { Quote } from "../../src/market/quote.js";
import { describe, expect, it } from "vitest";
import { orderEventsOf } from "../../src/market/order-model.js";
import { executionsMapping, quoteOf, venueTimeOf } from "../../src/market/trade-model.js";

const UPDATED_AT = 1_777_552_129_156;

function quote(fields: Readonly<Record<string, string | number>>): Quote {
  return new Quote(265_598, "265598@SMART", UPDATED_AT, fields, Object.keys(fields));
}

describe("a quote of the market model", () => {
  it.each([
    ["271.70", "271.70"],
    ["-0.25", "-0.25"],
    ["1,234.50", "1234.50"],
    [271.7, "271.7"],
    // Printed for people: it cannot be had exactly.
    ["12.2M", undefined],
    ["1.5K", undefined],
    ["C271.70", undefined],
    ["99 16/32", undefined],
    ["", undefined],
  ])("has of %j exactly %j", (printed, exact) => {
    const { bidPrice, bidQuantity, askPrice, askQuantity } = quoteOf(
      quote({ "84": printed, "88": printed, "86": printed, "85": printed }),
    );
    expect([bidPrice, bidQuantity, askPrice, askQuantity]).toEqual([exact, exact, exact, exact]);
  });

  it("has no side that was not heard of, and says how live it is", () => {
    expect(quoteOf(quote({ "84": "1.00" }))).toMatchObject({
      venue: "ibkr",
      symbol: "265598",
      bidPrice: "1.00",
      askPrice: undefined,
      isRealtime: undefined,
      timeMs: UPDATED_AT,
    });
    const isRealtime = (field: string): boolean | undefined =>
      quoteOf(quote({ "6509": field })).isRealtime;
    expect(["RpB", "DPB", "Z", "Y", "N"].map(isRealtime)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("an execution of the market model", () => {
  const execution = { execution_id: "e.1", side: "S", size: 1, price: "130.64", conid: 265_598 };

  it("is one of the contract that was asked for, whether its id is a number or text", () => {
    const ids: string[] = [];
    executionsMapping("265598").map(
      {
        added: [
          execution,
          { ...execution, execution_id: "e.2", conid: 1 },
          { ...execution, execution_id: "e.3", conid: "265598" as unknown as number },
        ],
        updated: [{ ...execution, execution_id: "e.4" }],
      },
      ({ id, side }) => ids.push(`${side} ${id}`),
    );
    expect(ids).toEqual(["sell e.1", "sell e.3"]);
  });

  it("is none without a price", () => {
    const added = [{ ...execution, price: "at market" }];
    expect(() =>
      executionsMapping("265598").map({ added, updated: [] }, () => undefined),
    ).toThrowError(/no price or size/);
  });
});

it("an order has its quantities as the venue means them, text or number", () => {
  const told: unknown[] = [];
  orderEventsOf(
    {
      kind: "orders",
      orders: [
        { orderId: 7, conid: 8_314, totalSize: "1,500", filledQuantity: 0.5, status: "Submitted" },
        { orderId: 8, conidex: "8314@SMART", side: "SSHORT", status: "Held by the exchange" },
      ],
    },
    (event) => told.push(event),
  );
  expect(told).toMatchObject([
    {
      order: {
        orderId: "7",
        symbol: "8314",
        quantity: "1500",
        filledQuantity: "0.5",
        status: "open",
      },
    },
    {
      order: {
        symbol: "8314@SMART",
        side: "sell",
        status: "unknown",
        venueStatus: "Held by the exchange",
        quantity: undefined,
      },
    },
  ]);
});

it("a quote and a heartbeat have a time of the venue, other payloads none", () => {
  expect(venueTimeOf(quote({}))).toBe(UPDATED_AT);
  expect(venueTimeOf({ kind: "heartbeat", venueTime: 5 })).toBe(5);
  expect(venueTimeOf({ kind: "greeting", username: "U", isPaper: undefined })).toBeUndefined();
  expect(venueTimeOf({ added: [], updated: [] })).toBeUndefined();
});
