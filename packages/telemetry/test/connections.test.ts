import { WsError } from "@oath-ws/contract";
import type { ObservedConnection } from "@oath-ws/contract";
import { accept, hang, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { instrument } from "../src/index.js";
import type { InstrumentOptions, Telemetry } from "../src/index.js";
import { HANDSHAKE, Rig, takeAll } from "../../resilience/test/stack/support/rig.js";
import type { RigOptions } from "../../resilience/test/stack/support/rig.js";
import { Collected } from "./support/collected.js";

interface Watched {
  readonly rig: Rig;
  readonly collected: Collected;
  readonly telemetry: Telemetry;
}

/** A stack of its own, which the channels do not see, in virtual time. */
function watched(options: RigOptions = {}, more: InstrumentOptions = {}): Watched {
  const collected = new Collected();
  const { meterProvider, tracerProvider } = collected;
  const telemetry = instrument({ meterProvider, tracerProvider, channels: false, ...more });
  const rig = new Rig({
    ...options,
    onTrace: (event) => telemetry.tracer.trace(event),
    stack: { onConnection: (observed: ObservedConnection) => telemetry.connection(observed) },
  });
  return { rig, collected, telemetry };
}

const of = (metric: string): string => `oath_ws.connection.${metric}`;

describe("metrics of a connection", () => {
  it("frames, bytes, ages and the reader follow what happens", async () => {
    const { rig, collected } = watched();
    const connection = await rig.up();
    const before = await collected.values();
    expect([before(of("received.frames")), before(of("epochs"))]).toEqual([0, 1]);
    expect(before(of("data.age"))).toBeUndefined();
    expect(before(of("phase"), { "oath_ws.phase": "connected" })).toBe(1);

    rig.peer.text("0123456789");
    rig.peer.text("01234");
    await rig.world.run(2_000);
    const waiting = await collected.values();
    expect(waiting(of("received.frames"))).toBe(2);
    expect(waiting(of("received.bytes"))).toBe(15);
    expect(waiting(of("buffered.frames"))).toBe(2);
    expect(waiting(of("buffered.bytes"))).toBeGreaterThan(0);
    expect(waiting(of("reader.behind"))).toBe(2);
    expect(waiting(of("data.age"))).toBe(2);
    expect(waiting(of("inbound.age"))).toBe(2);

    takeAll(connection);
    const read = await collected.values();
    expect([read(of("buffered.frames")), read(of("reader.behind"))]).toEqual([0, 0]);
  });

  it("dropped frames are counted", async () => {
    const { rig, collected } = watched({ config: { buffer: { maxFrames: 2 } } });
    await rig.up();
    for (const text of ["one", "two", "three"]) rig.peer.text(text);
    await rig.world.settle();
    const value = await collected.values();
    expect([value(of("lagged.frames")), value(of("lagged.bytes"))]).toEqual([1, 3]);
  });

  it("sends of unknown fate show number, size and age, and a write stall is an event", async () => {
    const { rig, collected } = watched({ config: { liveness: { writeStallMs: 5_000 } } });
    const connection = await rig.up();
    rig.peer.stopReading();
    const lost = connection.sink.send("x".repeat(50)).catch((error: unknown) => error);
    await rig.world.run(1_000);
    const stuck = await collected.values();
    expect(stuck(of("send.unsettled"))).toBe(1);
    expect(stuck(of("send.unsettled.bytes"))).toBe(50);
    expect(stuck(of("send.unsettled.age"))).toBe(1);
    expect(stuck(of("socket.buffered"))).toBeGreaterThanOrEqual(50);
    expect(stuck(of("sent.frames"))).toBe(0);

    await rig.world.complete(lost);
    await rig.untilEpoch(connection, 2);
    await rig.world.complete(connection.sink.send("y"));
    const after = await collected.values();
    expect(after(of("events"), { "oath_ws.event": "writeStall" })).toBe(1);
    expect([after(of("send.unsettled")), after(of("send.unsettled.age"))]).toEqual([0, 0]);
    expect(after(of("sent.frames"))).toBe(1);
  });

  it("silence, probes, failures, reconnects and down time move their metrics", async () => {
    const { rig, collected } = watched();
    const connection = await rig.up();
    rig.peer.goSilent();
    await rig.untilPhase(connection, "stale");
    const stale = await collected.values();
    expect(stale(of("stale"))).toBe(1);
    expect(stale(of("phase"), { "oath_ws.phase": "stale" })).toBe(1);
    expect(stale(of("phase"), { "oath_ws.phase": "connected" })).toBe(0);
    expect(stale(of("events"), { "oath_ws.event": "probe" })).toBe(1);

    rig.leaf.otherwise = refuse({ status: 503 });
    await rig.world.runUntil(() => connection.lifecycle.snapshot.attempts >= 3);
    const down = await collected.values();
    expect(down(of("attempts"))).toBe(3);
    expect(down(of("down.time"))).toBeGreaterThan(0);
    expect(down(of("failures"), { "error.type": "UPGRADE_REFUSED" })).toBeGreaterThan(0);
    expect(down(of("reconnects"))).toBe(0);
  });

  it("waiting for the gate and its time are shown", async () => {
    const { rig, collected } = watched({
      otherwise: refuse({ status: 429, retryAfterMs: 60_000 }),
    });
    const connection = await rig.start();
    await rig.world.runUntil(() => connection.lifecycle.snapshot.waitingFor === "retryAfter");
    const value = await collected.values();
    expect(value(of("waiting"), { "oath_ws.wait": "retryAfter" })).toBe(1);
    expect(value(of("waiting"), { "oath_ws.wait": "gate" })).toBe(0);
  });

  it("reconnects are epochs after the first", async () => {
    const { rig, collected } = watched();
    const connection = await rig.up();
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    const value = await collected.values();
    expect([value(of("epochs")), value(of("reconnects"))]).toEqual([2, 1]);
    expect(value(of("phase"), { "oath_ws.phase": "resumed" })).toBe(1);
  });

  it("totals outlive their connection, the next of its name adds, and levels fall to 0", async () => {
    const { rig, collected } = watched();
    const first = await rig.up();
    rig.peer.text("abc");
    await rig.world.run(5_000);
    await collected.values();
    // It arrives after the last collection: the end of the connection counts it.
    rig.peer.text("de");
    await rig.world.settle();
    await rig.world.complete(first.control.shutdown());
    const ended = await collected.values();
    expect([ended(of("received.frames")), ended(of("received.bytes"))]).toEqual([2, 5]);
    expect([ended(of("data.age")), ended(of("buffered.frames"))]).toEqual([0, 0]);
    for (const phase of ["connected", "closed"])
      expect(ended(of("phase"), { "oath_ws.phase": phase })).toBe(0);

    await rig.up();
    rig.peer.text("f");
    await rig.world.settle();
    const next = await collected.values();
    expect([next(of("received.frames")), next(of("epochs"))]).toEqual([3, 2]);
  });

  it("series are bounded, and so are codes that are not codes", async () => {
    let failures = 0;
    const { rig, collected } = watched(
      {
        auth: {
          authorize: () =>
            Promise.reject(
              new WsError({
                kind: "unknown",
                code: `planted-${failures++}`,
                message: "no token",
              }),
            ),
        },
      },
      { maxSeries: 2 },
    );
    for (const name of ["a", "b", "c", "d", "e"])
      await rig.connector.connect(HANDSHAKE, { awaitFirst: false, name });
    await rig.world.run(60_000);
    expect(failures).toBeGreaterThan(5);
    const metrics = await collected.metrics();
    const names = new Set(
      metrics.flatMap(({ dataPoints }) =>
        dataPoints.map(({ attributes }) => attributes["oath_ws.connection"]),
      ),
    );
    expect([...names]).toEqual(["a", "b", "OTHER"]);
    const value = await collected.values();
    expect(
      value(of("phase"), { "oath_ws.connection": "OTHER", "oath_ws.phase": "connecting" }),
    ).toBe(3);
    const codes = metrics
      .find(({ descriptor }) => descriptor.name === of("failures"))
      ?.dataPoints.map(({ attributes }) => attributes["error.type"]);
    expect(new Set(codes)).toEqual(new Set(["OTHER"]));
  });
});

describe("spans of a connection", () => {
  it("one per attempt and one per epoch, with their causes, linked, and no parent", async () => {
    const { rig, collected } = watched({ script: [refuse({ status: 503 })] });
    const connection = await rig.up();
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    await rig.world.complete(connection.control.shutdown());
    const told = collected.ended.map(({ name, status, attributes }) => [
      name,
      status.code,
      attributes["error.type"] ?? attributes["oath_ws.end"],
    ]);
    expect(told).toEqual([
      ["oath_ws.attempt", 2, "UPGRADE_REFUSED"],
      ["oath_ws.attempt", 0, undefined],
      ["oath_ws.epoch", 2, "SOCKET_LOST"],
      ["oath_ws.attempt", 0, undefined],
      ["oath_ws.epoch", 0, "closed"],
    ]);
    const [, second, epoch] = collected.ended;
    expect(epoch?.links.map(({ context }) => context.spanId)).toEqual([
      second?.spanContext().spanId,
    ]);
    expect(collected.ended.every(({ parentSpanContext }) => parentSpanContext === undefined)).toBe(
      true,
    );
    expect(second?.attributes).toMatchObject({
      "oath_ws.connection": "venue.example",
      "oath_ws.endpoint": "wss://venue.example",
      "server.address": "venue.example",
      "server.port": 443,
    });
  });

  it.each([
    ["a shutdown while a dial hangs", { otherwise: hang() }, 3_000, false],
    ["a shutdown in the backoff", { otherwise: refuse({ status: 503 }) }, 60_000, false],
    ["a refusal for good", { otherwise: refuse({ status: 401 }) }, 3_600_000, false],
    ["stop() while a dial hangs", { otherwise: hang() }, 3_000, true],
    ["stop() while it is up", {}, 3_000, true],
    ["a shutdown while it is up", {}, 3_000, false],
  ] as const)("all end: %s", async (_name, options, ms, isStopped) => {
    const { rig, collected, telemetry } = watched(options);
    const connection = await rig.start();
    await rig.world.run(ms);
    if (isStopped) telemetry.stop();
    else await rig.world.complete(connection.control.shutdown());
    expect(collected.started.length).toBeGreaterThan(0);
    expect(collected.ended.length).toBe(collected.started.length);
    await rig.world.complete(connection.control.shutdown());
    expect(collected.ended.length).toBe(collected.started.length);
  });

  it("a trial of the first endpoint has one of its own, and the epoch beside it goes on", async () => {
    const down = refuse({ code: "ECONNREFUSED" });
    const { rig, collected } = watched({
      config: { failover: { returnAfterMs: 60_000 }, liveness: false },
      // The first endpoint, the second, and a trial of the first; later ones are accepted.
      script: [down, accept(), down],
    });
    const url = ["wss://a.test/", "wss://b.test/"];
    const connecting = rig.connector.connect({ ...HANDSHAKE, url });
    const connection = await rig.world.complete(connecting);
    await rig.world.run(60_000);
    expect(rig.traced("trialFailed")).toHaveLength(1);
    const attempts = collected.ended.filter(({ name }) => name === "oath_ws.attempt");
    expect(attempts.map(({ attributes }) => attributes["oath_ws.end"])).toEqual([
      "failure",
      undefined,
      "trialFailed",
    ]);
    const epochs = (): unknown =>
      collected.started.filter(({ name }) => name === "oath_ws.epoch").map(({ ended }) => ended);
    expect(epochs()).toEqual([false]);
    await rig.untilEpoch(connection, 2);
    expect(epochs()).toEqual([true, false]);
    await rig.world.complete(connection.control.shutdown());
    expect(collected.ended.length).toBe(collected.started.length);
  });

  it("a forced reconnect ends the old epoch before the next begins", async () => {
    const { rig, collected } = watched();
    const connection = await rig.up();
    connection.trigger.forceReconnect("test");
    await rig.untilEpoch(connection, 2);
    const epochs = collected.started.filter(({ name }) => name === "oath_ws.epoch");
    expect(epochs.map(({ ended }) => ended)).toEqual([true, false]);
    await rig.world.complete(connection.control.shutdown());
    expect(collected.ended.length).toBe(collected.started.length);
  });
});

it("telemetry observes nothing after stop(), and stop() may be called twice", async () => {
  const { rig, collected, telemetry } = watched();
  await rig.up();
  telemetry.stop();
  telemetry.stop();
  rig.peer.text("late");
  await rig.world.settle();
  await rig.up();
  expect(await collected.metrics()).toEqual([]);
});
