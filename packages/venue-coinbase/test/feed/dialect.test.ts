import { describe, expect, it } from "vitest";
import { begun, Rig, TICK, TOPICS } from "../support/dialect-rig.js";

describe("requests", () => {
  it("are one for each channel, with the ids that were asked for", () => {
    const rig = begun();
    rig.askedAs.set("level2:BTC-USD", "BTC-USDC");
    const topics = ["level2:BTC-USD", "ticker:ETH-USD", "level2:SOL-USD", "user"];
    expect(rig.encode({ id: 2, kind: "subscribe", topics })).toEqual([
      { type: "subscribe", channel: "level2", product_ids: ["BTC-USDC", "SOL-USD"] },
      { type: "subscribe", channel: "ticker", product_ids: ["ETH-USD"] },
      { type: "subscribe", channel: "user" },
    ]);
  });

  it("for the heartbeats alone need no words: the login has them", () => {
    expect(begun().encode({ id: 2, kind: "subscribe", topics: ["heartbeats"] })).toBeUndefined();
  });

  it("are confirmed when all of their channels are in the venue's set, under either name", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["level2:BTC-USD", "ticker:BTC-USD"] });
    rig.ack("heartbeats", "level2:BTC-USDC");
    expect(rig.taken()).toEqual([]);
    rig.ack("heartbeats", "level2:BTC-USDC", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 2"]);
  });

  it("to unsubscribe are confirmed when the set has none of it", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD", "ticker:ETH-USD"] });
    rig.ack("heartbeats", "ticker:BTC-USD", "ticker:ETH-USD");
    rig.encode({ id: 3, kind: "unsubscribe", topics: ["ticker:BTC-USD"] });
    rig.taken();
    rig.ack("heartbeats", "ticker:ETH-USD");
    expect(rig.taken()).toEqual(["confirmed 3"]);
  });

  it("are settled in order, so that an answer is not taken for a later one's", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["level2:BTC-USD", "ticker:BTC-USD"] });
    rig.ack("heartbeats", "level2:BTC-USD");
    rig.ack("heartbeats", "level2:BTC-USD", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 2"]);
    // Both are the case already when the venue looks at the first.
    rig.encode({ id: 3, kind: "unsubscribe", topics: ["candles:BTC-USD", "status:BTC-USD"] });
    rig.ack("heartbeats", "level2:BTC-USD", "ticker:BTC-USD");
    expect(rig.taken()).toEqual([]);
    rig.ack("heartbeats", "level2:BTC-USD", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 3"]);
  });

  it("that were given up stand in no later one's way", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["level2:BTC-USD"] });
    rig.dialect.unanswered(2);
    rig.encode({ id: 3, kind: "subscribe", topics: ["ticker:ETH-USD"] });
    rig.dialect.unanswered(2);
    rig.ack("heartbeats", "ticker:ETH-USD");
    expect(rig.taken()).toEqual(["confirmed 3"]);
  });

  it("whose answer is among missing frames stand in no later one's way", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["user", "ticker:BTC-USD"] });
    // The first one's acknowledgement.
    rig.lose(1);
    rig.ack("heartbeats", "user", "ticker:BTC-USD");
    expect(rig.taken()).toEqual([
      "missed",
      "resync user",
      "fault SEQUENCE_GAP",
      "user",
      "confirmed 2",
    ]);
  });

  it("of which nothing shows that they were carried out are not taken for answered", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["user", "ticker:BTC-USD"] });
    rig.lose(1);
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["missed", "resync user", "fault SEQUENCE_GAP"]);
  });
});

describe("errors", () => {
  it("belong to the first unanswered request; a command fails when all of its requests are answered", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["level2:BTC-USD", "ticker:BTC-USD"] });
    rig.error("too many L2 streams requested in a single session");
    expect(rig.taken()).toEqual([]);
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["refused 2 LEVEL2_LIMIT never"]);
  });

  it("of authentication get one more try with a fresh token", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["user"] });
    rig.error("authentication failure");
    expect(rig.taken()).toEqual(["doubt", 'say {"type":"subscribe","channel":"user"}']);
    rig.error("authentication failure");
    expect(rig.taken()).toEqual(["refused 2 AUTH_REFUSED never"]);
  });

  it("of authentication pass while the venue's clock could not be asked", () => {
    const rig = begun();
    rig.tokens.isSure = false;
    rig.encode({ id: 2, kind: "subscribe", topics: ["user"] });
    rig.error("authentication failure");
    rig.error("authentication failure");
    expect(rig.taken().at(-1)).toBe("refused 2 AUTH_UNSURE notNow");
  });

  it("of authentication are final where there is no token", () => {
    const rig = begun(false);
    rig.encode({ id: 2, kind: "subscribe", topics: ["user"] });
    rig.error("authentication failure");
    expect(rig.taken()).toEqual(["refused 2 AUTH_REFUSED never"]);
  });

  it("of the rate put a command off, which the kit sends again", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.error("Rate limit exceeded");
    expect(rig.taken()).toEqual(["later 2 RATE_LIMITED"]);
    rig.encode({ id: 3, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 3"]);
  });

  it("of the rate begin the pause at once, whatever else is still to be answered", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["level2:BTC-USD", "ticker:BTC-USD"] });
    rig.error("rate limit exceeded");
    expect(rig.taken()).toEqual(["later 0 RATE_LIMITED"]);
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["later 2 RATE_LIMITED"]);
    rig.error("rate limit exceeded");
    expect(rig.taken()).toEqual(["fault RATE_LIMITED", "later 0 RATE_LIMITED"]);
  });

  it.each([
    ["failure to subscribe", "SUBSCRIPTION_REFUSED never"],
    ["internal error", "VENUE_ERROR notNow"],
    ["", "VENUE_ERROR notNow"],
  ])("are final only when it is known that they are: %j", (text, outcome) => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.error(text);
    expect(rig.taken()).toEqual([`refused 2 ${outcome}`]);
  });

  it("that answer no request are told as faults", () => {
    const rig = begun();
    rig.error("failure to subscribe");
    expect(rig.taken()).toEqual(["fault SUBSCRIPTION_REFUSED"]);
  });

  it("have no number, and cost none", () => {
    const rig = begun();
    rig.frame("ticker", TICK);
    rig.error("failure to subscribe");
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["ticker:BTC-USD", "fault SUBSCRIPTION_REFUSED", "ticker:BTC-USD"]);
  });
});

describe("numbers", () => {
  it("that are missing are told before what follows, and states are asked for again", () => {
    const rig = begun();
    const topics = ["user", "level2:BTC-USD", "ticker:BTC-USD"];
    rig.encode({ id: 2, kind: "subscribe", topics });
    rig.ack("heartbeats", ...topics);
    rig.frame("ticker", TICK);
    rig.taken();
    rig.lose(3);
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual([
      "missed",
      "resync user",
      "resync level2:BTC-USD",
      "fault SEQUENCE_GAP",
      "ticker:BTC-USD",
    ]);
  });

  it("that fell are of a frame that comes again or too late, and is ignored", () => {
    const rig = begun();
    rig.frame("ticker", TICK);
    rig.frame("ticker", TICK, 1);
    rig.frame("ticker", TICK, 0);
    expect(rig.taken()).toEqual(["ticker:BTC-USD"]);
  });

  it("that our own buffer dropped are no fault of the venue, and are told by the kit", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["level2:BTC-USD"] });
    rig.frame("ticker", TICK);
    rig.drop(4);
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["ticker:BTC-USD", "resync level2:BTC-USD", "ticker:BTC-USD"]);
  });

  it("begin with 0 on every connection, and a first one that is greater is a hole", () => {
    const rig = new Rig();
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["ticker:BTC-USD"]);
    const late = new Rig();
    late.lose(1);
    late.frame("ticker", TICK);
    expect(late.taken()).toEqual(["missed", "fault SEQUENCE_GAP", "ticker:BTC-USD"]);
  });
});

describe("frames", () => {
  it("that cannot be read throw, and what has a state is asked again", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["user"] });
    expect(() => rig.text("{")).toThrow(SyntaxError);
    for (const bad of ["[]", "7", '{"channel":"ticker"}', '{"sequence_num":1}']) {
      expect(() => rig.text(bad)).toThrowError(expect.objectContaining({ code: "FRAME_UNKNOWN" }));
    }
    expect(rig.taken()).toEqual(Array.from({ length: 5 }, () => "resync user"));
    // Whether it had a number is not known: the next one may be any.
    rig.lose(1);
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["ticker:BTC-USD"]);
  });

  it("with neither a channel nor a number carry nothing: they are told, and nothing is lost", () => {
    const rig = begun();
    for (const odd of ["{}", '{"type":"hello"}']) rig.text(odd);
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["fault FRAME_UNKNOWN", "fault FRAME_UNKNOWN", "ticker:BTC-USD"]);
  });

  it("of unknown channels are told, and nothing is lost with them", () => {
    const rig = begun();
    rig.frame("rfq_matches", [{ type: "update" }]);
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["fault FRAME_UNKNOWN", "ticker:BTC-USD"]);
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
      "level2:BTC-USD",
      "level2:USDT-USDC",
      "market_trades:BTC-USD",
      "market_trades:ETH-USD",
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
    rig.encode({ id: 2, kind: "subscribe", topics: TOPICS });
    rig.frame(channel, events as unknown as object[]);
    const stateful = lost.split(",").filter((topic) => /^(level2|user)/.test(topic));
    expect(rig.taken()).toEqual([
      `unreadable ${lost} FRAME_UNKNOWN`,
      ...stateful.map((topic) => `resync ${topic}`),
    ]);
    // The frame's number was read, so the next one is expected.
    rig.frame("ticker", TICK);
    expect(rig.taken()).toEqual(["ticker:BTC-USD"]);
  });

  it("lose one event of several, and tell the others", () => {
    const rig = begun();
    rig.frame("l2_data", [
      { type: "update", product_id: "BTC-USD" },
      { type: "update", product_id: "ETH-USD", updates: [] },
    ]);
    expect(rig.taken()).toEqual(["unreadable level2:BTC-USD FRAME_UNKNOWN", "level2:ETH-USD"]);
  });

  it("that should be acknowledgements cost an answer, and nothing of any topic", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.frame("subscriptions", [{ subscriptions: { ticker: [7] } }]);
    expect(rig.taken()).toEqual(["fault FRAME_UNKNOWN"]);
    rig.encode({ id: 3, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual(["confirmed 3"]);
  });

  it.each([21_697, "21697"])("of heartbeats count in numbers or in texts: %j", (counter) => {
    const rig = begun();
    rig.frame("heartbeats", [{ current_time: "now", heartbeat_counter: counter }]);
    expect(rig.taken()).toEqual(["beat", "heartbeats"]);
  });
});
