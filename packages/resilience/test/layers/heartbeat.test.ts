import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { heartbeat } from "../../src/layers/heartbeat.js";
import { decodeUtf8 } from "../../src/primitives/utf8.js";
import { ping, pong, textFrame } from "../support/bytes.js";
import { FakeConnection, FakeConnector, HANDSHAKE } from "../support/fake-connection.js";
import { FakeEvents } from "../support/fake-events.js";

function beating(holds = false) {
  const leaf = new FakeConnector();
  const outer = new FakeEvents();
  const inner = new FakeConnection();
  const told: string[] = [];
  const held: (() => boolean)[] = [];
  const hooks = {
    pongLeft: () => void told.push("left"),
    pong: (leave: () => boolean) => {
      told.push("pong");
      if (holds) held.push(leave);
      else leave();
    },
    ponged: (payload: Uint8Array) => void told.push(`ponged ${decodeUtf8(payload)}`),
  };
  const connected = heartbeat(hooks)(leaf).connect(HANDSHAKE, outer);
  const { events, succeed } = leaf.lastDial;
  succeed(inner);
  return { connected, events, inner, outer, told, held };
}

describe("heartbeat", () => {
  it("answers a ping with its payload, at once, tells of both, and hands neither on", () => {
    const { events, inner, outer, told } = beating();
    for (const frame of [ping("a"), pong("b"), textFrame("data")]) events.frame(frame);
    expect(inner.sent).toEqual([pong("a")]);
    expect(told).toEqual(["pong", "left", "ponged b"]);
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
    const { events, inner, told } = beating();
    inner.holding = true;
    for (let i = 0; i < 1_000; i++) events.frame(ping(String(i)));
    expect(inner.sent).toEqual([pong("0")]);
    inner.settleOldest();
    expect(inner.sent).toEqual([pong("0"), pong("999")]);
    inner.settleOldest();
    expect([inner.sent.length, told]).toEqual([2, ["pong", "left", "pong", "left"]]);
  });

  it("sends a pong when the owner lets it leave, once, and then the newest answer only", () => {
    const { events, inner, held } = beating(true);
    for (const data of ["a", "b"]) events.frame(ping(data));
    expect(inner.sent).toEqual([]);
    expect(held.map((leave) => leave())).toEqual([true, false]);
    expect(inner.sent).toEqual([pong("b")]);
  });

  it("sends nothing when the owner lets a pong leave after the end", () => {
    const { events, inner, held } = beating(true);
    events.frame(ping("a"));
    events.ended(undefined);
    expect(held.map((leave) => leave())).toEqual([false]);
    expect(inner.sent).toEqual([]);
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
