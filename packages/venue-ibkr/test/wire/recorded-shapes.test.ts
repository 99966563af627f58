import { describe, expect, it } from "vitest";
import type {
  Bar,
  HistoryEvent,
  Order,
  OrdersEvent,
  Trade,
  TradesEvent,
} from "@oath-ws/venue-ibkr";
import { VirtualGateway } from "../support/virtual-gateway.js";

/** Frames in the shapes in which they were recorded; the values are made up. */
const FIRST_BARS = {
  serverId: "2001",
  symbol: "AAPL",
  text: "APPLE INC",
  priceFactor: 100,
  startTime: "20260428-13:30:00",
  high: "27170/65/5",
  low: "27150/20/0",
  timePeriod: "3600s",
  barLength: 300,
  mdAvailability: "S",
  mktDataDelay: 0,
  outsideRth: false,
  volumeFactor: 1,
  priceDisplayRule: 1,
  priceDisplayValue: "2",
  negativeCapable: false,
  messageVersion: 2,
  data: [{ o: 271.5, c: 271.67, h: 271.7, l: 271.45 }],
  points: 1,
  topic: "smh+265598",
};
const LATER_BARS = [
  { serverId: "2001", data: [{ o: 271.6 }], topic: "smh+265598" },
  { serverId: "2001", data: [{ o: 271.6, c: 271.62 }], topic: "smh+265598" },
];
const TRADE = {
  execution_id: "0000e0d5.60cf1bd1.01.01",
  symbol: "AAPL",
  side: "B",
  size: 1,
  price: "130.64",
  trade_time_r: 1_617_919_801_000,
  conid: 265_598,
  account: "U00000000",
};
const ORDER = {
  acct: "U00000000",
  conidex: "265598",
  conid: 265_598,
  orderId: 912_091_175,
  sizeAndFills: "0/1",
  ticker: "AAPL",
  remainingQuantity: 1,
  filledQuantity: 0,
  totalSize: 1,
  status: "Inactive",
  orderType: "Limit",
  price: "1.00",
  side: "BUY",
};
const ORDER_IN_TEXT = { orderId: 912_091_176, filledQuantity: "10", remainingQuantity: "0" };

describe("the shapes that were recorded", () => {
  it("are the types' own", () => {
    const bars = [...FIRST_BARS.data, ...LATER_BARS.flatMap(({ data }) => data)] satisfies Bar[];
    const documented = { t: 1_616_004_000_000, o: 1, c: 1, h: 1, l: 1, v: 3 } satisfies Bar;
    // A reader has to look whether a bar has its time.
    // @ts-expect-error the time may be missing
    const time: number = (bars as readonly Bar[])[0]!.t;
    expect([time, documented.t]).toEqual([undefined, 1_616_004_000_000]);
    const conid: number | undefined = (TRADE satisfies Trade as Trade).conid;
    expect(conid).toBe(265_598);
    expect([ORDER satisfies Order, ORDER_IN_TEXT satisfies Order]).toHaveLength(2);
    expect({ ...FIRST_BARS, serverId: undefined } satisfies HistoryEvent).toBeDefined();
  });

  it("come out as they went in", async () => {
    const gateway = new VirtualGateway();
    const faults: unknown[] = [];
    const { client, session } = gateway.open({ onFault: (error) => faults.push(error) });
    const history = client.subscribe("smh+265598", { history: { period: "1h", bar: "5min" } });
    const trades = client.subscribe("str");
    const orders = client.subscribe("sor");
    await gateway.world.run(3_000);
    for (const frame of [FIRST_BARS, ...LATER_BARS]) gateway.say(frame);
    gateway.say({ topic: "str", args: [TRADE] });
    gateway.say({ topic: "str", args: [{ ...TRADE, commission: "0.35" }] });
    gateway.say({ topic: "sor", args: [ORDER, ORDER_IN_TEXT] });
    await gateway.world.settle();
    const bars = [history.take(), history.take(), history.take()].map(
      (event): HistoryEvent["data"] | undefined => event?.data.data,
    );
    expect(bars).toEqual([FIRST_BARS, ...LATER_BARS].map(({ data }) => data));
    const told = [trades.take(), trades.take()].map(
      (event): TradesEvent | undefined => event?.data,
    );
    expect(told).toEqual([
      { added: [TRADE], updated: [] },
      { added: [], updated: [{ ...TRADE, commission: "0.35" }] },
    ]);
    const changed: OrdersEvent | undefined = orders.take()?.data;
    expect(changed?.orders).toEqual([ORDER, ORDER_IN_TEXT]);
    expect(faults).toEqual([]);
    await gateway.world.complete(client.shutdown());
    await session.shutdown();
  });
});
