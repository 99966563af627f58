import { describe, expect, it } from "vitest";
import { echo, frames, greeted, sim, tell } from "./with-sim.js";

const ORDER = { conid: 265_598, side: "BUY", quantity: 10, price: 271 } as const;

function args(
  client: Parameters<typeof frames>[0],
  topic: string,
): ReadonlyArray<Readonly<Record<string, unknown>>> {
  return frames(client, topic).flatMap((frame) => frame.args as Array<Record<string, unknown>>);
}

describe("tic and echo", () => {
  it("tic has four equal answers, and others next time", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await tell(venue, client, "tic", "tic");
    await client.until(() => frames(client, "tic").length === 8);
    expect(frames(client, "tic")[0]).toMatchObject({
      topic: "tic",
      alive: true,
      id: venue.session.id,
    });
    expect(new Set(client.raw.filter((text) => text.includes('"tic"'))).size).toBe(2);
    expect(venue.stats().tics).toBe(2);
  });

  it("has one answer by option", async () => {
    const venue = await sim({ wire: { ticReplies: 1 } });
    const client = await greeted(venue);
    client.socket.send("tic");
    await echo(client);
    expect(frames(client, "tic")).toHaveLength(1);
  });

  it("the heartbeat comes to everyone at the same time, idle or not, but not to those who wait", async () => {
    const venue = await sim({ wire: { heartbeatMs: 50 } });
    const [one, other] = [await greeted(venue), await greeted(venue)];
    const beats = ({ messages }: typeof one): number[] =>
      (messages as Array<{ hb?: number }>).flatMap(({ hb }) => (hb === undefined ? [] : [hb]));
    await one.until(() => beats(one).length >= 3);
    await other.until(() => beats(other).length >= 2);
    const late = beats(other).filter((beat) => beats(one).includes(beat));
    expect(late.length).toBeGreaterThanOrEqual(1);
    expect(beats(one)).toEqual([...new Set(beats(one))]);
  });
});

describe("orders", () => {
  it("start with nothing, then live as recorded", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await tell(venue, client, "sor+{}");
    const { orderId } = venue.account.placeOrder(ORDER);
    venue.account.cancelOrder(orderId);
    await client.until(() => frames(client, "sor").length === 7);
    const [first, stub, ...later] = args(client, "sor");
    expect(first).toMatchObject({
      acct: "U00000000",
      orderId,
      sizeAndFills: "0/10",
      orderDesc: "Buy 10 AAPL Limit 271.00, Day",
      status: "Inactive",
      order_ccp_status: "Pending Submit",
      remainingQuantity: 10,
    });
    expect(stub).toEqual({ acct: "U00000000", orderId });
    expect(later.map(({ status }) => status)).toEqual([
      "PendingSubmit",
      "PreSubmitted",
      "Submitted",
      "PendingCancel",
      "Cancelled",
    ]);
    expect(later[0]).toEqual({
      acct: "U00000000",
      orderId,
      status: "PendingSubmit",
      fgColor: "#3399CC",
    });
    // In full again, though it is known.
    expect(later[3]).toMatchObject({
      orderDesc: "Buy 10 AAPL Limit 271.00, Day",
      order_ccp_status: "Pending Cancel",
    });
    expect(later[4]).not.toHaveProperty("orderDesc");
  });

  it("fill by changes, and are filled", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await tell(venue, client, "sor+{}");
    const { orderId } = venue.account.placeOrder(ORDER);
    venue.account.fillOrder(orderId, { quantity: 4, price: 270 });
    venue.account.fillOrder(orderId, { price: 272.5 });
    await client.until(() => frames(client, "sor").length === 8);
    expect(args(client, "sor").slice(5)).toEqual([
      {
        acct: "U00000000",
        orderId,
        sizeAndFills: "4/6",
        remainingQuantity: 6,
        filledQuantity: 4,
        avgPrice: "270.00",
      },
      {
        acct: "U00000000",
        orderId,
        sizeAndFills: "10/0",
        remainingQuantity: 0,
        filledQuantity: 10,
        avgPrice: "271.50",
      },
      {
        acct: "U00000000",
        orderId,
        status: "Filled",
        order_ccp_status: "Filled",
        fgColor: "#3399CC",
      },
    ]);
  });

  it("of before the subscription are in full when they change, and not sooner", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    const { orderId } = venue.account.placeOrder(ORDER);
    await tell(venue, client, "sor+{}");
    await echo(client);
    expect(frames(client, "sor")).toEqual([]);
    venue.account.fillOrder(orderId, { quantity: 1 });
    await client.until(() => frames(client, "sor").length === 1);
    expect(args(client, "sor")[0]).toEqual(venue.account.orders[0]);
  });

  it("come as a snapshot by option, and then by changes", async () => {
    const venue = await sim({ wire: { orderSnapshot: true } });
    const client = await greeted(venue);
    const { orderId } = venue.account.placeOrder(ORDER);
    await tell(venue, client, "sor+{}");
    venue.account.fillOrder(orderId, { quantity: 1 });
    await client.until(() => frames(client, "sor").length === 2);
    expect(args(client, "sor").map((order) => "orderDesc" in order)).toEqual([true, false]);
  });

  it("end without an acknowledgement", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await tell(venue, client, "sor+{}", "uor+{}");
    venue.account.placeOrder(ORDER);
    await echo(client);
    expect(client.messages.slice(3)).toEqual(["ech+hb"]);
  });

  it.each([
    [{ ...ORDER, conid: 0 }, /order\.conid/],
    [{ ...ORDER, side: "HOLD" }, /order\.side/],
    [{ ...ORDER, quantity: 1.5 }, /order\.quantity/],
    [{ ...ORDER, price: -1 }, /order\.price/],
    [{ ...ORDER, colour: 1 }, /order\.colour/],
  ])("that make no sense are refused: %j", async (order, problem) => {
    const venue = await sim();
    expect(() => venue.account.placeOrder(order as never)).toThrowError(problem);
    expect(venue.account.orders).toEqual([]);
  });

  it("that are over, unknown or too small cannot be filled", async () => {
    const { account } = await sim();
    const { orderId } = account.placeOrder(ORDER);
    expect(() => account.fillOrder(orderId, { quantity: 11 })).toThrowError(/quantity/);
    account.cancelOrder(orderId);
    expect(() => account.fillOrder(orderId)).toThrowError(/orderId/);
    expect(() => account.cancelOrder(7)).toThrowError(/orderId/);
    expect(() => account.setCommission("x", "1")).toThrowError(/executionId/);
  });
});

describe("trades", () => {
  it("start empty, are sent again and again, and have their commission later", async () => {
    const venue = await sim({ wire: { tradeRepeatMs: 5, tradeRepeats: 3 } });
    const client = await greeted(venue);
    await tell(venue, client, 'str+{"realtimeUpdatesOnly":true}');
    const execution = venue.account.fillOrder(venue.account.placeOrder(ORDER).orderId);
    await client.until(() => frames(client, "str").length === 5);
    venue.account.setCommission(execution.execution_id, "0.35");
    await client.until(() => frames(client, "str").length === 9);
    expect(frames(client, "str")[0]).toEqual({ topic: "str", args: [] });
    const copies = args(client, "str");
    expect(copies.map(({ commission }) => commission)).toEqual([
      ...new Array<undefined>(4),
      ...new Array<string>(4).fill("0.35"),
    ]);
    expect(new Set(copies.map(({ execution_id }) => execution_id)).size).toBe(1);
    expect(copies[0]).toMatchObject({
      symbol: "AAPL",
      side: "B",
      size: 10,
      price: "271.00",
      conid: 265_598,
    });
    expect(venue.record.published("str")).toEqual([{ first: 1, last: 2, events: 2 }]);
  });

  it("of before come after the empty frame, unless only new ones are wanted", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    venue.account.fillOrder(venue.account.placeOrder(ORDER).orderId);
    await tell(venue, client, 'str+{"days":1}');
    await client.until(() => frames(client, "str").length === 2);
    expect(frames(client, "str")[1]?.args).toEqual(venue.account.executions);
    await tell(venue, client, "utr", 'str+{"realtimeUpdatesOnly":true}');
    await echo(client);
    expect(frames(client, "str").slice(2)).toEqual([{ topic: "str", args: [] }]);
  });

  it.each(['{"days":8}', '{"days":0}', '{"realtimeUpdatesOnly":1}'])(
    "are not to be had with %s",
    async (options) => {
      const venue = await sim();
      const client = await greeted(venue);
      await tell(venue, client, `str+${options}`);
      expect(venue.stats().commands[0]?.outcome).toBe("malformed");
    },
  );
});

describe("histories", () => {
  const ask = (conid: number): string =>
    `smh+${conid}+{"period":"2h","bar":"5min","source":"trades","format":"%h/%l"}`;

  it("have bars, go on with the last one, and end by their server id", async () => {
    const venue = await sim({ wire: { bars: "documented" } });
    const client = await greeted(venue);
    await tell(venue, client, ask(265_598));
    await client.until(() => frames(client, "smh+265598").length === 1);
    const [first] = frames(client, "smh+265598");
    expect(first).toMatchObject({
      symbol: "AAPL",
      timePeriod: "7200s",
      barLength: 300,
      points: 24,
      messageVersion: 2,
    });
    const bars = first?.["data"] as Array<{
      t: number;
      o: number;
      c: number;
      h: number;
      l: number;
      v: number;
    }>;
    expect(bars).toHaveLength(24);
    expect(bars.map(({ t }) => t)).toEqual(bars.map((_, at) => (bars[0]?.t ?? 0) + at * 300_000));
    venue.market.step();
    await client.until(() => frames(client, "smh+265598").length === 2);
    expect(frames(client, "smh+265598")[1]?.["points"]).toBe(1);
    await tell(venue, client, `umh+${String(first?.["serverId"])}`);
    await client.until(() => frames(client).some(({ message }) => message !== undefined));
    expect(client.messages.at(-1)).toEqual({
      message: `Unsubscribed ${String(first?.["serverId"])}`,
    });
    expect(venue.stats().subscriptions[0]?.topics).toEqual([]);
  });

  it("have bars as recorded by default: without time, and later ones with less", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await tell(venue, client, ask(265_598));
    await client.until(() => frames(client, "smh+265598").length === 1);
    venue.market.step(20);
    await client.until(() => frames(client, "smh+265598").length === 21);
    const [first, ...later] = frames(client, "smh+265598").map(({ data }) =>
      (data as object[]).map((bar) => Object.keys(bar).join()),
    );
    expect([...new Set(first)]).toEqual(["o,c,h,l"]);
    expect([...new Set(later.flat())].toSorted()).toEqual(["o", "o,c"]);
  });

  it("are five at the most", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await tell(venue, client, ...[1, 2, 3, 4, 5, 6].map(ask), ask(1));
    expect(venue.stats().commands.map(({ outcome }) => outcome)).toEqual([
      ...new Array<string>(5).fill("done"),
      "over-limit",
      "done",
    ]);
  });

  it.each([
    '{"period":"31min"}',
    '{"period":"2x"}',
    '{"bar":"7min"}',
    '{"source":"rumours"}',
    '{"period":0}',
  ])("cannot have %s", async (options) => {
    const venue = await sim();
    const client = await greeted(venue);
    await tell(venue, client, `smh+1+${options}`, "umh+77");
    expect(venue.stats().commands.map(({ outcome }) => outcome)).toEqual(["malformed", "unknown"]);
  });
});

describe("the account", () => {
  it("has its profit every second", async () => {
    const venue = await sim({ wire: { pnlMs: 10 } });
    const client = await greeted(venue);
    venue.account.fillOrder(venue.account.placeOrder(ORDER).orderId, { price: 270.5 });
    await tell(venue, client, "spl+{}");
    await client.until(() => frames(client, "spl").length === 3);
    expect(frames(client, "spl")[0]?.args).toEqual({
      "U00000000.Core": { rowType: 1, dpl: 10, upl: 10, nl: 1_000_010 },
    });
    await tell(venue, client, "upl+{}");
    expect(venue.stats().subscriptions[0]?.topics).toEqual([]);
  });

  it.each([
    ["ssd", "usd", "summary", "NetLiquidation-S", "monetaryValue"],
    ["sld", "uld", "ledger", "LedgerListBASE", "cashbalance"],
  ])(
    "has a %s whose rows are blank while nothing changes, and whose end is acknowledged",
    async (start, end, name, key, field) => {
      const venue = await sim({ wire: { summaryMs: 10, summaryTopic: true } });
      const client = await greeted(venue);
      const topic = `${start}+U00000000`;
      await tell(venue, client, `${topic}+{"keys":["${key}"],"fields":["${field}"]}`);
      await client.until(() => frames(client, topic).length >= 2);
      venue.account.fillOrder(venue.account.placeOrder(ORDER).orderId, { price: 270.5 });
      const rows = (): ReadonlyArray<Record<string, unknown>> =>
        frames(client, topic).map(
          (frame) => (frame["result"] as Array<Record<string, unknown>>)[0] ?? {},
        );
      await client.until(() => rows().filter((row) => field in row).length === 2);
      expect(rows()[0]).toEqual({ key, [field]: 1_000_000, timestamp: rows()[0]?.["timestamp"] });
      expect(rows()[1]).toEqual({ key, timestamp: rows()[1]?.["timestamp"] });
      await tell(venue, client, `${end}+U00000000`);
      await client.until(() => frames(client).some(({ result }) => typeof result === "string"));
      expect(client.messages.at(-1)).toEqual({ result: `unsubscribed from ${name}` });
    },
  );

  it("has a ssd whose frames name no topic, as documented", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await tell(venue, client, "ssd+U00000000", "sld+U00000000");
    await client.until(
      () => frames(client).filter(({ result }) => Array.isArray(result)).length === 2,
    );
    const topics = frames(client).flatMap(({ result, topic }) =>
      Array.isArray(result) ? [topic] : [],
    );
    expect(topics).toEqual([undefined, "sld+U00000000"]);
  });

  it("has a price ladder, whose end is not acknowledged", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await tell(venue, client, "sbd+U00000000+265598+NASDAQ");
    venue.market.step();
    const topic = "sbd+U00000000+265598+NASDAQ";
    await client.until(() => frames(client, topic).length === 2);
    const rows = frames(client, topic)[1]?.["data"] as Array<Record<string, unknown>>;
    expect(rows).toHaveLength(10);
    expect(rows.filter(({ focus }) => focus === 1).map(({ price }) => price)).toEqual([
      venue.market.quote(265_598)["31"],
    ]);
    expect(rows.some((row) => "bid" in row) && rows.some((row) => "ask" in row)).toBe(true);
    client.socket.send("ubd+U00000000");
    await echo(client);
    expect(venue.stats().subscriptions[0]?.topics).toEqual([]);
    expect(client.messages.at(-1)).toBe("ech+hb");
  });

  it("is the only one there is", async () => {
    const venue = await sim();
    const client = await greeted(venue);
    await tell(venue, client, "ssd+DU1", "sld", "sbd+DU1+265598");
    expect(venue.stats().commands.map(({ outcome }) => outcome)).toEqual([
      "malformed",
      "malformed",
      "malformed",
    ]);
  });
});

describe("what was not asked for", () => {
  const NOTE = { id: "INDICATIVE_DATA_SUGGESTION", title: "Warning", text: "Data are old." };

  it.each([
    ["object", NOTE],
    ["list", [NOTE]],
  ] as const)("notifications as %s, and bulletins", async (notifications, expected) => {
    const venue = await sim({ wire: { notifications } });
    const client = await greeted(venue);
    venue.notify(NOTE);
    venue.bulletin("closed tomorrow");
    await client.until(() => client.messages.length === 5);
    expect(client.messages.slice(3)).toEqual([
      { topic: "ntf", args: expected },
      { topic: "blt", args: { id: "", message: "closed tomorrow" } },
    ]);
    venue.faults.loseSession();
    venue.notify(NOTE);
    await echo(client);
    expect(frames(client, "ntf")).toHaveLength(1);
    expect(() => venue.notify({ ...NOTE, id: "" })).toThrowError(/notification\.id/);
    expect(() => venue.bulletin("")).toThrowError(/message/);
  });
});

describe("a topic that there is not", () => {
  it.each([
    "nope",
    "smx+1+{}",
    "smd+abc+{}",
    'smd+1+{"fields":31}',
    "smd+1+{",
    "{",
    '{"sessions":1}',
    "+",
    "ech+x",
  ])("%s is an error", async (text) => {
    const venue = await sim();
    const client = await greeted(venue);
    client.socket.send(text);
    await client.until(() => client.messages.length === 4);
    expect(client.messages[3]).toEqual({ error: `Topic unknown ${text}`, code: 1 });
  });

  it("is an error of the topic error by option, and counted", async () => {
    const venue = await sim({ wire: { errors: "topic" } });
    const client = await greeted(venue);
    client.socket.send("nope");
    await client.until(() => client.messages.length === 4);
    expect(client.messages[3]).toEqual({ topic: "error", error: "Topic unknown nope", code: 1 });
    expect(venue.stats().unknownTopics).toBe(1);
  });
});
