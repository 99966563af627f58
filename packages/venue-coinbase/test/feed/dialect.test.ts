import { describe, expect, it } from "vitest";
import { begun, TICK, TOPICS } from "../support/dialect-rig.js";

describe("requests", () => {
  it("are one for each channel, with the ids that were asked for", () => {
    const rig = begun();
    rig.dialect.learn("level2:BTC-USD", "BTC-USDC");
    rig.dialect.learn("level2:BTC-USD", "BTC-USD");
    const topics = ["level2:BTC-USD", "ticker:ETH-USD", "level2:SOL-USD", "user"];
    expect(JSON.parse(rig.dialect.encode({ id: 2, kind: "subscribe", topics }) ?? "")).toEqual([
      { type: "subscribe", channel: "level2", product_ids: ["BTC-USDC", "SOL-USD"] },
      { type: "subscribe", channel: "ticker", product_ids: ["ETH-USD"] },
      { type: "subscribe", channel: "user" },
    ]);
  });

  it("for the heartbeats alone need no words: the login has them", () => {
    expect(
      begun().dialect.encode({ id: 2, kind: "subscribe", topics: ["heartbeats"] }),
    ).toBeUndefined();
  });

  it("are confirmed when all of their channels are in the venue's set, under either name", () => {
    const rig = begun();
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["level2:BTC-USD", "ticker:BTC-USD"] });
    rig.ack("heartbeats", "level2:BTC-USDC");
    expect(rig.taken()).toEqual([]);
    rig.ack("heartbeats", "level2:BTC-USDC", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 2"]);
  });

  it("to unsubscribe are confirmed when the set has none of it", () => {
    const rig = begun();
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD", "ticker:ETH-USD"] });
    rig.ack("heartbeats", "ticker:BTC-USD", "ticker:ETH-USD");
    rig.dialect.encode({ id: 3, kind: "unsubscribe", topics: ["ticker:BTC-USD"] });
    rig.taken();
    rig.ack("heartbeats", "ticker:ETH-USD");
    expect(rig.taken()).toEqual(["confirmed 3"]);
  });

  it("are settled in order, so that an answer is not taken for a later one's", () => {
    const rig = begun();
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["level2:BTC-USD"] });
    rig.ack("heartbeats", "level2:BTC-USD");
    rig.taken();
    rig.dialect.ask(3, "unsubscribe", ["level2:BTC-USD"]);
    rig.dialect.ask(4, "subscribe", ["level2:BTC-USD"]);
    rig.dialect.encode({ id: 5, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.ack("heartbeats");
    expect(rig.taken()).toEqual(["confirmed 3"]);
    rig.ack("heartbeats", "level2:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 4"]);
    rig.ack("heartbeats", "level2:BTC-USD", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 5"]);
  });

  it("that were given up stand in nobody's way", () => {
    const rig = begun();
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.dialect.ask(3, "subscribe", ["level2:BTC-USD"]);
    rig.dialect.forget(3);
    rig.dialect.encode({ id: 4, kind: "subscribe", topics: ["ticker:ETH-USD"] });
    rig.ack("heartbeats", "ticker:ETH-USD");
    expect(rig.taken()).toEqual(["confirmed 4"]);
  });

  it("whose answer is among missing frames stand in nobody's way, and are not taken for answered", () => {
    const rig = begun();
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["user"] });
    rig.dialect.ask(3, "unsubscribe", ["user"]);
    // The first one's acknowledgement.
    rig.lose(1);
    rig.ack("heartbeats");
    expect(rig.taken()).toEqual(["missed 2", "fault SEQUENCE_GAP", "repeated", "confirmed 3"]);
    rig.dialect.encode({ id: 4, kind: "subscribe", topics: ["user"] });
    rig.ack("heartbeats", "user");
    expect(rig.taken()).toEqual(["user 2", "confirmed 4"]);
  });

  it("that are merely waiting are not given up because others are carried out already", () => {
    const rig = begun();
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.dialect.ask(3, "unsubscribe", ["level2:BTC-USD"]);
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 2"]);
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 3"]);
  });

  it("of an earlier connection get no answers, and its answers are nobody's", () => {
    const rig = begun();
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.dialect.begin();
    rig.dialect.ask(3, "subscribe", ["heartbeats"]);
    // Left in the buffer by the connection before.
    rig.current = 2;
    rig.ack("heartbeats");
    rig.error("authentication failure");
    expect(rig.taken()).toEqual([]);
    rig.reconnect();
    rig.dialect.ask(4, "subscribe", ["heartbeats"]);
    rig.ack("heartbeats");
    expect(rig.taken()).toEqual(["confirmed 4"]);
  });
});

describe("errors", () => {
  it("belong to the first request that is unanswered, and a command fails when all of its requests are answered", () => {
    const rig = begun();
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["level2:BTC-USD", "ticker:BTC-USD"] });
    rig.error("too many L2 streams requested in a single session");
    expect(rig.taken()).toEqual([]);
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["refused 2 LEVEL2_LIMIT never"]);
  });

  it("of authentication get one more try with a fresh token", () => {
    const rig = begun();
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["user"] });
    rig.error("authentication failure");
    expect(rig.taken()).toEqual(["again subscribe user 1"]);
    rig.error("authentication failure");
    expect(rig.taken()).toEqual(["refused 2 AUTH_REFUSED never"]);
  });

  it("of authentication are final where there is no token", () => {
    const rig = begun(false);
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["user"] });
    rig.error("authentication failure");
    expect(rig.taken()).toEqual(["refused 2 AUTH_REFUSED never"]);
  });

  it("of the rate put a command off, which the kit sends again", () => {
    const rig = begun();
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.error("Rate limit exceeded");
    expect(rig.taken()).toEqual(["throttled", "later 2 RATE_LIMITED"]);
    rig.dialect.encode({ id: 3, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 3"]);
  });

  it("of the rate are never final for what is asked beside the commands", () => {
    const rig = begun();
    rig.dialect.ask(2, "subscribe", ["ticker:BTC-USD"]);
    for (let times = 0; times < 5; times++) rig.error("Rate limit exceeded");
    expect(new Set(rig.taken())).toEqual(new Set(["throttled", "again subscribe ticker 1"]));
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 2"]);
  });

  it("of the rate leave a request its one try with a fresh token", () => {
    const rig = begun();
    rig.dialect.ask(2, "subscribe", ["user"]);
    for (const text of ["rate limit exceeded", "authentication failure", "authentication failure"])
      rig.error(text);
    const again = "again subscribe user 1";
    expect(rig.taken()).toEqual(["throttled", again, again, "refused 2 AUTH_REFUSED never"]);
  });

  it.each([
    ["failure to subscribe", "SUBSCRIPTION_REFUSED never"],
    ["internal error", "VENUE_ERROR notNow"],
    ["", "VENUE_ERROR notNow"],
  ])("are final only when it is known that they are: %j", (text, outcome) => {
    const rig = begun();
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.error(text);
    expect(rig.taken()).toEqual([`refused 2 ${outcome}`]);
  });

  it("that are nobody's answer are told as faults", () => {
    const rig = begun();
    rig.error("failure to subscribe");
    expect(rig.taken()).toEqual(["fault SUBSCRIPTION_REFUSED"]);
  });

  it("have no number, and cost none", () => {
    const rig = begun();
    rig.frame("ticker", TICK);
    rig.error("failure to subscribe");
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual([
      "ticker:BTC-USD 1",
      "fault SUBSCRIPTION_REFUSED",
      "ticker:BTC-USD 1",
    ]);
  });
});

describe("numbers", () => {
  it("that are missing are announced before what follows, which comes once more", () => {
    const rig = begun();
    rig.frame("ticker", TICK);
    rig.lose(3);
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual([
      "ticker:BTC-USD 1",
      "missed 2",
      "fault SEQUENCE_GAP",
      "repeated",
      "ticker:BTC-USD 2",
    ]);
  });

  it("that fell are of a frame that comes again or too late, and is ignored", () => {
    const rig = begun();
    rig.frame("ticker", TICK);
    rig.frame("ticker", TICK, 1);
    rig.frame("ticker", TICK, 0);
    expect(rig.taken()).toEqual(["ticker:BTC-USD 1"]);
  });

  it("that our own buffer dropped are no fault of the venue", () => {
    const rig = begun();
    rig.frame("ticker", TICK);
    rig.drop(4);
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["ticker:BTC-USD 1", "missed 2", "ticker:BTC-USD 2"]);
  });

  it("begin with 0 on every connection, and a first one that is greater is a hole", () => {
    const rig = begun();
    rig.reconnect();
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["ticker:BTC-USD 2"]);
    rig.reconnect();
    rig.lose(1);
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["missed 4", "fault SEQUENCE_GAP", "repeated", "ticker:BTC-USD 4"]);
  });
});

describe("frames", () => {
  it("that cannot be read throw, and begin a new stretch", () => {
    const rig = begun();
    expect(() => rig.text("{")).toThrow(SyntaxError);
    for (const bad of ["[]", "7", '{"channel":"ticker"}', '{"sequence_num":1}']) {
      expect(() => rig.text(bad)).toThrowError(expect.objectContaining({ code: "FRAME_UNKNOWN" }));
    }
    expect(rig.taken()).toEqual([2, 3, 4, 5, 6].map((stretch) => `missed ${stretch}`));
    // Whether it had a number is not known: the next one may be any.
    rig.lose(1);
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["ticker:BTC-USD 6"]);
  });

  it("with neither a channel nor a number carry nothing: they are told, and nothing is lost", () => {
    const rig = begun();
    for (const odd of ["{}", '{"type":"hello"}']) rig.text(odd);
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["fault FRAME_UNKNOWN", "fault FRAME_UNKNOWN", "ticker:BTC-USD 1"]);
  });

  it("of unknown channels are told, and nothing is lost with them", () => {
    const rig = begun();
    rig.frame("rfq_matches", [{ type: "update" }]);
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["fault FRAME_UNKNOWN", "ticker:BTC-USD 1"]);
  });

  it("with several products are taken apart, under their one name", () => {
    const rig = begun();
    rig.frame("l2_data", [
      { type: "snapshot", product_id: "BTC-USDC", updates: [] },
      { type: "update", product_id: "USDT-USDC", updates: [] },
    ]);
    rig.frame("market_trades", [
      {
        type: "update",
        trades: [{ product_id: "BTC-USD" }, { product_id: "ETH-USD" }, { product_id: "BTC-USD" }],
      },
    ]);
    expect(rig.taken()).toEqual([
      "level2:BTC-USD 1",
      "level2:USDT-USDC 1",
      "market_trades:BTC-USD 1",
      "market_trades:ETH-USD 1",
    ]);
  });

  it.each([
    ["l2_data", [{ type: "snapshot", updates: [] }], "level2:BTC-USD,level2:ETH-USD"],
    ["l2_data", [{ type: "snapshot", product_id: "BTC-USDC" }], "level2:BTC-USD"],
    ["l2_data", [{ type: "other", product_id: "BTC-USD", updates: [] }], "level2:BTC-USD"],
    ["l2_data", "no list", "level2:BTC-USD,level2:ETH-USD"],
    ["ticker", [{ type: "update", tickers: [7] }], "ticker:BTC-USD,ticker:ETH-USD"],
    ["ticker", [{ type: "odd", tickers: [{ product_id: "ETH-USD" }] }], "ticker:ETH-USD"],
    ["candles", [{ type: "update", candles: [{}] }], ""],
    ["futures_balance_summary", [{ type: "update" }], ""],
    ["user", ["x"], "user"],
  ] as const)("of %s that are not what is documented cost what they name: %j", (...given) => {
    const [channel, events, lost] = given;
    const rig = begun();
    rig.frame(channel, events as unknown as object[]);
    expect(rig.taken()).toEqual([`unreadable ${lost} FRAME_UNKNOWN`, `missed ${lost}`]);
    // The frame's number was read, so the next one is expected.
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual([`ticker:BTC-USD ${lost.includes("ticker:BTC-USD") ? 2 : 1}`]);
    for (const topic of TOPICS)
      expect(rig.dialect.stretchOf(topic)).toBe(lost.split(",").includes(topic) ? 2 : 1);
  });

  it("lose one event of several, and tell the others", () => {
    const rig = begun();
    rig.frame("l2_data", [
      { type: "update", product_id: "BTC-USD" },
      { type: "update", product_id: "ETH-USD", updates: [] },
    ]);
    expect(rig.taken()).toEqual([
      "unreadable level2:BTC-USD FRAME_UNKNOWN",
      "missed level2:BTC-USD",
      "level2:ETH-USD 1",
    ]);
  });

  it("that should be acknowledgements cost an answer, and nothing of any topic", () => {
    const rig = begun();
    rig.dialect.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.frame("subscriptions", [{ subscriptions: { ticker: [7] } }]);
    expect(rig.taken()).toEqual(["fault FRAME_UNKNOWN"]);
    rig.dialect.encode({ id: 3, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 3"]);
  });

  it.each([21_697, "21697"])("of heartbeats count in numbers or in texts: %j", (counter) => {
    const rig = begun();
    rig.frame("heartbeats", [{ current_time: "now", heartbeat_counter: counter }]);
    expect(rig.taken()).toEqual(["beat", "heartbeats 1"]);
  });
});
