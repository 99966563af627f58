import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { heartbeat } from "../../src/layers/heartbeat.js";
import { ping, pong, textFrame } from "../support/bytes.js";
import { FakeConnection, FakeConnector, HANDSHAKE } from "../support/fake-connection.js";
import { FakeEvents } from "../support/fake-events.js";

function beating() {
  const leaf = new FakeConnector();
  const outer = new FakeEvents();
  const inner = new FakeConnection();
  let charged = 0;
  const hooks = { charge: () => void charged++ };
  const connected = heartbeat(hooks)(leaf).connect(HANDSHAKE, outer);
  const { events, succeed } = leaf.lastDial;
  succeed(inner);
  return { connected, events, inner, outer, charges: () => charged };
}

describe("heartbeat", () => {
  it("answers a ping with its payload, at once, charges the pong, and hands neither on", () => {
    const { events, inner, outer, charges } = beating();
    for (const frame of [ping("a"), pong("b"), textFrame("data")]) events.frame(frame);
    expect(inner.sent).toEqual([pong("a")]);
    expect(charges()).toBe(1);
    expect(outer.told.slice(1)).toEqual([["frame", textFrame("data")]]);
  });

  it("passes everything else on, the connection included", async () => {
    const { connected, events, inner, outer } = beating();
    const error = new WsError({ kind: "connection", code: "X", message: "x" });
    events.read(7);
    events.closed(1001, "moving");
    events.ended(error);
    expect(await connected).toBe(inner);
    expect(outer.told).toEqual([
      ["opened", inner],
      ["read", 7],
      ["closed", 1001],
      ["ended", error],
    ]);
  });

  it("remembers only the newest ping while a pong is held up, so that a flood costs nothing", () => {
    const { events, inner, charges } = beating();
    inner.holding = true;
    for (let i = 0; i < 1_000; i++) events.frame(ping(String(i)));
    expect(inner.sent).toEqual([pong("0")]);
    inner.settleOldest();
    expect(inner.sent).toEqual([pong("0"), pong("999")]);
    inner.settleOldest();
    expect([inner.sent.length, charges()]).toEqual([2, 2]);
  });

  it("survives a pong that cannot be sent", () => {
    const { events, inner } = beating();
    inner.holding = true;
    events.frame(ping("a"));
    inner.settleOldest(new Error("gone"));
    events.frame(ping("b"));
    expect(inner.sent).toEqual([pong("a"), pong("b")]);
  });

  it("answers nothing after the end", () => {
    const { events, inner } = beating();
    events.ended(undefined);
    events.frame(ping("late"));
    expect(inner.sent).toEqual([]);
  });
});
