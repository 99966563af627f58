import { WsError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { LeafRecorder } from "../src/leaf-recorder.js";
import { MockConnector } from "../src/mock-connector.js";
import type { MockConnectorOptions } from "../src/mock-connector.js";
import type { MockPeer } from "../src/mock-peer.js";
import { toUtf8 } from "../src/utf8.js";
import { createWorld } from "../src/world.js";
import type { World } from "../src/world.js";

async function setUp(
  options?: MockConnectorOptions,
): Promise<{ world: World; connection: LeafRecorder; peer: MockPeer }> {
  const world = createWorld();
  const connector = new MockConnector(world, options);
  const connection = await LeafRecorder.connect(connector, {
    url: "ws://venue.test/",
    protocols: [],
    headers: {},
  });
  return { world, connection, peer: connector.current! };
}

function takeAll({ source }: LeafRecorder): string[] {
  const frames: string[] = [];
  for (let frame = source.take(); frame !== undefined; frame = source.take()) {
    frames.push(`${frame.kind} ${new TextDecoder().decode(frame.data)}`);
  }
  return frames;
}

describe("MockPeer", () => {
  it("sends every kind of frame, with payloads of its own", async () => {
    const { connection, peer } = await setUp();
    const data = toUtf8("two");
    peer.text("one");
    peer.binary(data);
    peer.ping("three");
    peer.pong(toUtf8("four"));
    data.fill(0);
    peer.close(4000, "five");
    expect(takeAll(connection)).toEqual([
      "text one",
      "binary two",
      "ping three",
      "pong four",
      "close five",
    ]);
  });

  it("records what the client sent: order, kind, bytes and time", async () => {
    const { world, connection, peer } = await setUp();
    await connection.send("subscribe");
    await world.run(5);
    await connection.send(new Uint8Array([1, 2]));
    await connection.send({ kind: "pong", data: toUtf8("p") });
    await world.complete(connection.close(3000, "bye"));
    expect(peer.received.map(({ kind, at }) => `${kind}@${at}`)).toEqual([
      "text@0",
      "binary@5",
      "pong@5",
      "close@5",
    ]);
    expect(peer.receivedTexts).toEqual(["subscribe"]);
    expect(peer.closeFrameReceived).toEqual({ code: 3000, reason: "bye" });
    expect([peer.isOpen, peer.destroyedByClient]).toEqual([false, false]);
  });

  it("answers pings unless told not to, never from within the client's call", async () => {
    const { world, connection, peer } = await setUp();
    const sent = connection.send({ kind: "ping", data: toUtf8("a") });
    expect(takeAll(connection)).toEqual([]);
    await sent;
    await world.settle();
    expect(takeAll(connection)).toEqual(["pong a"]);
    peer.autoPong = false;
    await connection.send({ kind: "ping", data: toUtf8("b") });
    await world.settle();
    expect(takeAll(connection)).toEqual([]);
  });

  it("takes its time to react, if it has any", async () => {
    const { world, connection } = await setUp({ reactAfterMs: 30 });
    await connection.send({ kind: "ping", data: toUtf8("a") });
    await world.run(29);
    expect(takeAll(connection)).toEqual([]);
    await world.run(1);
    expect(takeAll(connection)).toEqual(["pong a"]);
    await world.complete(connection.close());
    expect(world.timer.now()).toBe(60);
  });

  it("tells listeners what arrives, for scripted answers", async () => {
    const { world, connection, peer } = await setUp();
    const stop = peer.onFrame((frame) => {
      if (frame.kind === "text") peer.text('{"ack":true}');
    });
    await connection.send("subscribe");
    await world.settle();
    expect(takeAll(connection)).toEqual(['text {"ack":true}']);
    stop();
    await connection.send("subscribe");
    await world.settle();
    expect(takeAll(connection)).toEqual([]);
  });

  it("goes silent: nothing crosses, sends settle, and only a local timeout ends a close", async () => {
    const { world, connection, peer } = await setUp({ closeTimeoutMs: 5000 });
    peer.goSilent();
    expect([peer.text("lost"), peer.partial()]).toEqual([true, true]);
    await connection.send("absorbed");
    await connection.send({ kind: "ping", data: toUtf8("anyone?") });
    await world.run(3_600_000);
    expect([takeAll(connection), peer.received, connection.lastReadAt]).toEqual([
      [],
      [],
      undefined,
    ]);
    await world.complete(connection.close());
    expect(world.timer.now()).toBe(3_605_000);
    expect([peer.isOpen, peer.destroyedByClient, peer.closeFrameReceived]).toEqual([
      false,
      true,
      undefined,
    ]);
  });

  it("heals: both sides get, late and in order, what was sent meanwhile", async () => {
    const { world, connection, peer } = await setUp();
    peer.goSilent();
    peer.text("one");
    peer.text("two");
    await connection.send("a");
    await connection.send("b");
    await world.run(1000);
    peer.heal();
    await world.settle();
    expect(takeAll(connection)).toEqual(["text one", "text two"]);
    expect(peer.received.map(({ at }) => at)).toEqual([1000, 1000]);
    expect(peer.receivedTexts).toEqual(["a", "b"]);
    peer.text("three");
    expect(takeAll(connection)).toEqual(["text three"]);
  });

  it("can reset while silent, as a kernel that gives up", async () => {
    const { connection, peer } = await setUp();
    peer.goSilent();
    const error = new WsError({ kind: "connection", code: "ETIMEDOUT", message: "timed out" });
    peer.reset(error);
    await expect(connection.source.readable()).rejects.toBe(error);
    expect(connection.end?.error).toBe(error);
  });

  it("stops reading: sends stay open until it reads again", async () => {
    const { connection, peer } = await setUp();
    const settled: string[] = [];
    peer.stopReading();
    const first = connection.send("first").then(() => settled.push("first"));
    const last = connection.send("last").then(() => settled.push("last"));
    expect(connection.connection.bufferedBytes).toBe("firstlast".length + 2 * 2);
    expect([settled, peer.received]).toEqual([[], []]);
    peer.resumeReading();
    await Promise.all([first, last]);
    expect(peer.receivedTexts).toEqual(["first", "last"]);
    expect(connection.connection.bufferedBytes).toBe(0);
  });

  it("rejects sends that it never read when the connection ends, with the cause", async () => {
    const { connection, peer } = await setUp();
    peer.stopReading();
    const stuck = connection.send("stuck");
    peer.close(1001, "restart");
    await expect(stuck).rejects.toMatchObject({
      code: "SEND_FATE_UNKNOWN",
      cause: { code: "PEER_CLOSED", close: { code: 1001, reason: "restart" } },
    });
    expect(peer.closeFrameReceived).toBeUndefined();
  });

  it("sends nothing after its close frame or the end, and says so", async () => {
    const { connection, peer } = await setUp();
    expect(peer.close()).toBe(true);
    expect([peer.text("x"), peer.partial(), peer.close()]).toEqual([false, false, false]);
    expect(peer.closeFrameReceived).toEqual({ code: 1005, reason: "" });
    connection.destroy();
    expect(peer.destroyedByClient).toBe(false);
    const other = await setUp();
    other.connection.destroy();
    expect([other.peer.text("x"), other.peer.destroyedByClient]).toEqual([false, true]);
  });

  it("leaves the client's close unanswered when told", async () => {
    const { world, connection, peer } = await setUp({ answerClose: false, closeTimeoutMs: 1000 });
    await world.complete(connection.close());
    expect([world.timer.now(), peer.destroyedByClient]).toEqual([1000, true]);
  });

  it("tells of a part of a frame as a read", async () => {
    const { world, connection, peer } = await setUp();
    await world.run(70);
    peer.partial();
    expect([connection.lastReadAt, connection.log]).toEqual([70, ["opened", "read"]]);
  });

  it("gets its pings answered by the platform of a leaf without control frames", async () => {
    const { connection, peer } = await setUp({ controlFrames: false });
    peer.ping("a");
    expect([takeAll(connection), peer.received.map(({ kind }) => kind)]).toEqual([[], ["pong"]]);
  });

  it("refuses payloads that no control frame can carry", async () => {
    const { peer } = await setUp();
    expect(() => peer.ping(new Uint8Array(126))).toThrow(RangeError);
    expect(() => peer.close(1000, "x".repeat(124))).toThrow(RangeError);
    expect(peer.ping(new Uint8Array(125))).toBe(true);
  });
});
