import type { Frame, WsSource } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { heartbeat } from "../../src/layers/heartbeat.js";
import { ping, pong, textFrame, utf8 } from "../support/bytes.js";
import { FakeConnection, HANDSHAKE } from "../support/fake-connection.js";
import { settle } from "../support/outcome.js";

async function beating(divertible = true) {
  const inner = new FakeConnection();
  const told: string[] = [];
  const hooks = {
    charge: () => void told.push("charge"),
    arrived: () => void told.push("absorbed"),
  };
  const { source } = inner;
  const pulled: WsSource<Frame> = {
    take: () => source.take(),
    readable: (options) => source.readable(options),
    [Symbol.asyncIterator]: () => source[Symbol.asyncIterator](),
  };
  const leaf = {
    connect: () =>
      Promise.resolve({
        ...inner,
        sink: inner.sink,
        source: divertible ? source : pulled,
        destroy: () => inner.destroy(),
      }),
  };
  const connection = await heartbeat(hooks)(leaf).connect(HANDSHAKE);
  return { inner, connection, told };
}

describe("heartbeat", () => {
  it("answers a ping with its payload, charges the pong, and hands neither on", async () => {
    const { inner, connection, told } = await beating();
    for (const frame of [ping("a"), pong("b"), textFrame("data")]) inner.incoming.push(frame);
    expect(connection.source.take()).toEqual(textFrame("data"));
    expect(connection.source.take()).toBeUndefined();
    expect(inner.fakeSink.sent).toEqual([pong("a")]);
    expect(told).toEqual(["charge", "absorbed", "absorbed"]);
  });

  it("does the same for a diverted source, at once", async () => {
    const { inner, connection, told } = await beating();
    const received: Frame[] = [];
    inner.incoming.push(textFrame("waiting"));
    connection.source.divert?.((frame) => received.push(frame));
    inner.incoming.push(ping("a"));
    inner.incoming.push(textFrame("new"));
    expect(received).toEqual([textFrame("waiting"), textFrame("new")]);
    expect(inner.fakeSink.sent).toEqual([pong("a")]);
    expect(told).toEqual(["charge", "absorbed"]);
  });

  it("cannot be diverted over a leaf that cannot", async () => {
    const { connection } = await beating(false);
    expect(connection.source.divert).toBeUndefined();
  });

  it("passes the peer's close on", async () => {
    const { inner, connection } = await beating();
    const close = { kind: "close", code: 1001, data: utf8("moving") } as const;
    inner.incoming.push(close);
    expect(connection.source.take()).toEqual(close);
  });

  it("remembers only the newest ping while a pong is held up, so that a flood costs nothing", async () => {
    const { inner, connection } = await beating();
    inner.fakeSink.holding = true;
    for (let i = 0; i < 1_000; i++) inner.incoming.push(ping(String(i)));
    expect(connection.source.take()).toBeUndefined();
    expect(inner.fakeSink.sent).toEqual([pong("0")]);
    inner.fakeSink.settleOldest();
    await settle();
    expect(inner.fakeSink.sent).toEqual([pong("0"), pong("999")]);
  });

  it("survives a pong that cannot be sent", async () => {
    const { inner, connection } = await beating();
    inner.fakeSink.holding = true;
    inner.incoming.push(ping("a"));
    connection.source.take();
    inner.fakeSink.settleOldest(new Error("gone"));
    await settle();
    inner.incoming.push(ping("b"));
    connection.source.take();
    expect(inner.fakeSink.sent).toEqual([pong("a"), pong("b")]);
  });

  it("iterates over data only", async () => {
    const { inner, connection } = await beating();
    for (const frame of [ping("a"), textFrame("1"), pong("b"), textFrame("2")])
      inner.incoming.push(frame);
    inner.incoming.end();
    const seen: Frame[] = [];
    for await (const frame of connection.source) seen.push(frame);
    expect(seen).toEqual([textFrame("1"), textFrame("2")]);
  });
});
