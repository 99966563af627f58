import { describe, expect, expectTypeOf, it } from "vitest";
import { parseTopicName } from "@oath-ws/venue-ibkr";
import type {
  HistoryEvent,
  IbkrPayload,
  OrdersEvent,
  PayloadOf,
  Quote,
  SummaryEvent,
  SystemEvent,
} from "@oath-ws/venue-ibkr";
import { Histories } from "../../src/feed/histories.js";
import { RowMerge } from "../../src/feed/row-merge.js";
import { VirtualGateway } from "../support/virtual-gateway.js";

describe("the names of topics", () => {
  it("are taken apart", () => {
    expect(parseTopicName("smd+265598@SMART")).toEqual({
      name: "smd+265598@SMART",
      kind: "smd",
      args: ["265598@SMART"],
    });
    expect(parseTopicName("sbd+U1+265598+NASDAQ")).toMatchObject({
      kind: "sbd",
      args: ["U1", "265598", "NASDAQ"],
    });
    expect(parseTopicName("sor")).toEqual({ name: "sor", kind: "sor", args: [] });
  });

  it.each([
    ["smd", /has the form smd\+265598$/],
    ["sbd+U1+1", /has the form sbd\+U1234567\+265598\+NASDAQ$/],
    ["ssd+no such", /needs an account/],
    ["smh+1@SMART", /needs a contract id/],
    ["constructor", /is of no kind/],
  ])("that no topic has say what is wrong: %s", (name, message) => {
    expect(() => parseTopicName(name)).toThrowError(message);
  });

  it("decide the type of what comes", () => {
    expectTypeOf<PayloadOf<"smd+265598">>().toEqualTypeOf<Quote>();
    expectTypeOf<PayloadOf<"smh+1">>().toEqualTypeOf<HistoryEvent>();
    expectTypeOf<PayloadOf<"sor">>().toEqualTypeOf<OrdersEvent>();
    expectTypeOf<PayloadOf<`ssd+${string}`>>().toEqualTypeOf<SummaryEvent>();
    expectTypeOf<PayloadOf<"system">>().toEqualTypeOf<SystemEvent>();
    expectTypeOf<PayloadOf<string>>().toEqualTypeOf<IbkrPayload>();
    expectTypeOf<PayloadOf<"xyz+1">>().toEqualTypeOf<never>();
  });
});

describe("histories", () => {
  it("end by the number that came with them, whenever they were cancelled", () => {
    const histories = new Histories();
    expect(histories.judge("smh+1", "1001")).toEqual({ kind: "current" });
    expect(histories.end("smh+1")).toBe("umh+1001");
    expect(histories.judge("smh+1", "1001")).toEqual({ kind: "over", say: undefined });
    // Two that were cancelled before their first frames, and one that is wanted.
    expect([histories.end("smh+1"), histories.end("smh+1"), histories.orphans]).toEqual([
      undefined,
      undefined,
      2,
    ]);
    expect(histories.judge("smh+1", "1002")).toEqual({ kind: "over", say: "umh+1002" });
    expect(histories.judge("smh+1", "1002")).toEqual({ kind: "over", say: undefined });
    expect(histories.judge("smh+1", "1003")).toEqual({ kind: "over", say: "umh+1003" });
    expect([histories.judge("smh+1", "1004"), histories.orphans]).toEqual([{ kind: "current" }, 0]);
    histories.clear();
    expect(histories.end("smh+1")).toBeUndefined();
  });
});

describe("rows in parts", () => {
  it("are put together, compared in depth, and forgotten from the oldest on", () => {
    const rows = new RowMerge<{
      readonly id: number;
      readonly a?: number;
      readonly list?: readonly number[];
    }>(({ id }) => id, 2);
    expect(rows.merge({ id: 1, a: 1, list: [1] })).toMatchObject({ isNew: true, changed: true });
    expect(rows.merge({ id: 1, list: [1] })).toMatchObject({ isNew: false, changed: false });
    expect(rows.merge({ id: 1, list: [2] })).toMatchObject({
      isNew: false,
      changed: true,
      row: { id: 1, a: 1, list: [2] },
    });
    rows.merge({ id: 2 });
    rows.merge({ id: 3 });
    expect(rows.rows.map(({ id }) => id)).toEqual([2, 3]);
  });
});

describe("cancelling", () => {
  it.each([
    ["smd+1", "umd+1+{}"],
    ["sor", "uor+{}"],
    ["str", "utr"],
    ["spl", "upl+{}"],
    ["ssd+U1", "usd+U1+{}"],
    ["sld+U1", "uld+U1+{}"],
    ["sbd+U1+1+NYSE", "ubd+U1"],
  ])("says what is documented: %s", async (topic, words) => {
    const gateway = new VirtualGateway();
    const { client, session } = gateway.open();
    const held = client.subscribe(topic);
    await gateway.world.run(5_000);
    held.close();
    await gateway.world.run(1_000);
    expect(gateway.said.at(-1)?.text).toBe(words);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });
});
