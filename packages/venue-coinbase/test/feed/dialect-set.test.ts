import { describe, expect, it } from "vitest";
import { begun, Rig } from "../support/dialect-rig.js";

describe("the venue's set", () => {
  it("that lacks what was not cancelled is told: that topic is refused for now, and no other", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD", "ticker:ETH-USD"] });
    rig.ack("heartbeats", "ticker:BTC-USD", "ticker:ETH-USD");
    rig.taken();
    rig.ack("heartbeats", "ticker:ETH-USD");
    expect(rig.taken()).toEqual([
      "fault SUBSCRIPTION_IGNORED",
      "topicRefused ticker:BTC-USD SUBSCRIPTION_IGNORED notNow",
    ]);
    expect(["ticker:BTC-USD", "ticker:ETH-USD"].map((topic) => rig.dialect.holds(topic))).toEqual([
      false,
      true,
    ]);
  });

  it("is judged by product: what was asked for and is not listed is refused for now", () => {
    const rig = begun();
    rig.encode({
      id: 2,
      kind: "subscribe",
      topics: ["ticker:BTC-USD", "ticker:SOL-PERP-INTX", "candles:BTC-USD"],
    });
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual([]);
    rig.ack("heartbeats", "ticker:BTC-USD", "candles:BTC-USD");
    expect(rig.taken()).toEqual([
      "fault SUBSCRIPTION_IGNORED",
      "topicRefused ticker:SOL-PERP-INTX SUBSCRIPTION_IGNORED notNow",
      "confirmed 2",
    ]);
  });

  it("accuses no topic when it may be the late answer to a command that was given up", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD"] });
    rig.encode({ id: 3, kind: "subscribe", topics: ["ticker:ETH-USD"] });
    rig.ack("heartbeats", "ticker:BTC-USD");
    expect(rig.taken()).toEqual([]);
    rig.ack("heartbeats", "ticker:BTC-USD", "ticker:ETH-USD");
    expect(rig.taken()).toEqual(["confirmed 3"]);
  });

  it("that never comes for a command is not waited for, for ever", () => {
    const rig = begun();
    // The venue never answers this one.
    rig.encode({ id: 2, kind: "unsubscribe", topics: ["ticker:ETH-USD"] });
    for (const id of [3, 4]) {
      rig.encode({ id, kind: "subscribe", topics: ["ticker:SOL-PERP-INTX"] });
      rig.ack("heartbeats");
    }
    expect(rig.taken()).toEqual([
      "fault SUBSCRIPTION_IGNORED",
      "topicRefused ticker:SOL-PERP-INTX SUBSCRIPTION_IGNORED notNow",
      "confirmed 4",
    ]);
  });

  it("that still lists what was cancelled puts the command off, and not without end", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["ticker:BTC-USD", "ticker:ETH-USD"] });
    rig.ack("heartbeats", "ticker:BTC-USD", "ticker:ETH-USD");
    rig.taken();
    for (let id = 3; id < 8; id++) {
      rig.encode({ id, kind: "unsubscribe", topics: ["ticker:BTC-USD"] });
      rig.ack("heartbeats", "ticker:BTC-USD", "ticker:ETH-USD");
    }
    const taken = rig.taken();
    expect(taken.filter((entry) => entry.startsWith("fault"))).toEqual(
      Array.from({ length: 5 }, () => "fault UNSUBSCRIBE_IGNORED"),
    );
    expect(taken.filter((entry) => !entry.startsWith("fault"))).toEqual([
      ...[3, 4, 5, 6].map((id) => `refused ${id} UNSUBSCRIBE_IGNORED notNow`),
      "confirmed 7",
    ]);
  });

  it("that has a book already is asked to give it up first: it sends no second snapshot", () => {
    const rig = begun();
    const topics = ["level2:BTC-USD", "ticker:BTC-USD"];
    rig.encode({ id: 2, kind: "subscribe", topics });
    rig.ack("heartbeats", "level2:BTC-USD");
    rig.ack("heartbeats", ...topics);
    rig.taken();
    const again = rig.encode({ id: 3, kind: "subscribe", topics });
    expect(again).toEqual([
      { type: "unsubscribe", channel: "level2", product_ids: ["BTC-USD"] },
      { type: "subscribe", channel: "level2", product_ids: ["BTC-USD"] },
      { type: "subscribe", channel: "ticker", product_ids: ["BTC-USD"] },
    ]);
    rig.ack("heartbeats", "ticker:BTC-USD");
    rig.ack("heartbeats", ...topics);
    expect(rig.taken()).toEqual([]);
    rig.ack("heartbeats", ...topics);
    expect(rig.taken()).toEqual(["confirmed 3"]);
  });

  it("that never gives up a book which is needed again costs the connection, after some tries", () => {
    const rig = begun();
    const topics = ["level2:BTC-USD"];
    rig.encode({ id: 2, kind: "subscribe", topics });
    rig.ack("heartbeats", ...topics);
    rig.taken();
    for (let id = 3; id < 8; id++) {
      rig.encode({ id, kind: "subscribe", topics });
      rig.ack("heartbeats", ...topics);
      rig.ack("heartbeats", ...topics);
    }
    const taken = rig.taken();
    expect(taken.filter((entry) => entry.startsWith("topicRefused"))).toHaveLength(5);
    expect(taken.slice(-2)).toEqual([
      "confirmed 7",
      "giveUp the venue does not give up level2:BTC-USD",
    ]);
  });

  it("ends the snapshot of the orders, in its place among the events", () => {
    const rig = begun();
    rig.encode({ id: 2, kind: "subscribe", topics: ["user"] });
    rig.frame("user", [{ type: "snapshot", orders: [] }]);
    rig.ack("heartbeats", "user");
    expect(rig.taken()).toEqual(["user", "user", "confirmed 2"]);
  });

  it("that lacks the heartbeats refuses the login for now", () => {
    const rig = new Rig();
    rig.logIn(1);
    rig.ack();
    expect(rig.taken()).toEqual(["refused 1 SUBSCRIPTION_IGNORED notNow"]);
  });
});
