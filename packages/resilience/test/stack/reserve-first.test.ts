import { WsError } from "@oath-ws/contract";
import type { AuthSource, ReconnectingConnection } from "@oath-ws/contract";
import { AttemptGate } from "@oath-ws/resilience";
import { accept, refuse } from "@oath-ws/testing";
import type { MockPeer } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { ForwardedEvents } from "../../src/primitives/forwarded-events.js";
import { codeOf, watch } from "./support/outcome.js";
import { HANDSHAKE, Rig, STABLE_MS, STALE_MS, takeAll, texts } from "./support/rig.js";

/** An AuthSource that throws this, once. */
function throwingOnce(error: Error): AuthSource {
  let calls = 0;
  return {
    authorize(handshake) {
      if (++calls > 1) return handshake;
      throw error;
    },
  };
}

function mute(peer: MockPeer): void {
  peer.answerClose = false;
}

const WINDOW_MS = 60_000;
const ONE = { attempts: { max: 1, windowMs: WINDOW_MS } };

/** A connection that was asked to reconnect and waits for the only slot of the window. */
async function waiting(rig: Rig): Promise<ReconnectingConnection> {
  const connection = await rig.up();
  await rig.world.run(STABLE_MS);
  connection.trigger.forceReconnect("renewal");
  await rig.world.settle();
  return connection;
}

describe("a reconnect that was asked for", () => {
  it("keeps the socket until its slot is there: reads, sends and freshness go on", async () => {
    const rig = new Rig({ config: ONE });
    const connection = await waiting(rig);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connected",
      waitingFor: "gate",
      waitingUntil: WINDOW_MS,
      cause: undefined,
    });
    rig.peer.text("still here");
    await rig.world.complete(connection.sink.send("order"));
    expect(texts(takeAll(connection))).toEqual(["still here"]);
    expect(connection.lifecycle.isFresh(1_000)).toBe(true);
    expect(rig.peer.receivedTexts).toEqual(["order"]);
    const old = rig.peer;
    await rig.untilEpoch(connection, 2);
    expect(rig.now).toBeGreaterThanOrEqual(WINDOW_MS);
    expect(old.closeFrameReceived).toMatchObject({ code: 1000 });
    expect(connection.lifecycle.snapshot).toMatchObject({
      waitingFor: undefined,
      waitingUntil: undefined,
      cause: { code: "FORCED" },
    });
  });

  it("does not darken 20 healthy feeds that are asked at once, nor again 5 s later", async () => {
    const rig = new Rig();
    const feeds = await Promise.all(Array.from({ length: 20 }, () => rig.start()));
    const areUp = () => feeds.every(({ lifecycle }) => lifecycle.snapshot.downSince === undefined);
    await rig.world.runUntil(areUp, 2 * WINDOW_MS);
    await rig.world.run(WINDOW_MS);
    const before = feeds.map(({ lifecycle }) => lifecycle.snapshot.totalDownMs);
    for (let round = 0; round < 2; round++) {
      for (const { trigger } of feeds) trigger.forceReconnect("no data for 30 s");
      await rig.world.run(5_000);
    }
    await rig.world.runUntil(
      () => feeds.every(({ lifecycle }) => lifecycle.snapshot.epoch === 3),
      10 * WINDOW_MS,
    );
    for (const [i, { lifecycle }] of feeds.entries())
      expect(lifecycle.snapshot.totalDownMs - (before[i] ?? 0)).toBeLessThanOrEqual(2 * 250);
  });

  it("goes first, without a backoff, once its socket has died", async () => {
    const rig = new Rig({ config: ONE });
    const connection = await waiting(rig);
    rig.peer.reset();
    await rig.world.settle();
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "reconnecting",
      waitingFor: "gate",
      waitingUntil: WINDOW_MS,
      cause: { code: "SOCKET_LOST" },
    });
    await rig.untilEpoch(connection, 2);
    expect(rig.dialTimes[1]).toBe(WINDOW_MS);
  });

  it("happens also if a silent socket comes alive again", async () => {
    const rig = new Rig({ config: ONE, mock: { autoPong: false } });
    const connection = await rig.up();
    await rig.world.run(STALE_MS + 1_000);
    expect(connection.lifecycle.snapshot.phase).toBe("stale");
    connection.trigger.forceReconnect();
    await rig.world.settle();
    rig.peer.text("back");
    rig.peer.autoPong = true;
    await rig.world.settle();
    expect(connection.lifecycle.snapshot).toMatchObject({ phase: "connected", waitingFor: "gate" });
    await rig.untilEpoch(connection, 2);
  });

  it("waits at most 250 ms for a peer that does not answer the close frame", async () => {
    const rig = new Rig({ otherwise: accept({ onAccept: mute }) });
    const connection = await rig.up();
    const at = rig.now;
    connection.trigger.forceReconnect();
    await rig.untilEpoch(connection, 2);
    expect(rig.dialTimes[1]).toBe(at + 250);
    expect(rig.leaf.maxOpenSockets).toBe(1);
  });

  it("goes on when the peer's close frame is there, whether or not the socket ends", async () => {
    const rig = new Rig({
      wrap: (leaf) => ({
        connect: (handshake, events, options) => {
          const endless = new (class extends ForwardedEvents {
            override ended(): void {}
          })(events);
          return leaf.connect(handshake, endless, options);
        },
      }),
    });
    const connection = await rig.up();
    const at = rig.now;
    connection.trigger.forceReconnect();
    await rig.untilEpoch(connection, 2);
    expect(rig.dialTimes[1]).toBe(at);
  });

  it("sends no close frame to a silent peer", async () => {
    const rig = new Rig({ mock: { autoPong: false } });
    const connection = await rig.up();
    await rig.world.run(STALE_MS + 1_000);
    const [old, at] = [rig.peer, rig.now];
    connection.trigger.forceReconnect();
    await rig.untilEpoch(connection, 2);
    expect(old.closeFrameReceived).toBeUndefined();
    expect(rig.dialTimes[1]).toBe(at);
  });

  it("settles every send: before, as not sent, or as one whose fate is unknown", async () => {
    const rig = new Rig({
      config: { send: { rateLimit: { max: 1, windowMs: 60_000 } } },
      otherwise: accept({ onAccept: mute }),
    });
    const connection = await rig.up();
    rig.peer.stopReading();
    const inFlight = watch(connection.sink.send("in flight"));
    const queued = watch(connection.sink.send("queued"));
    await rig.world.settle();
    connection.trigger.forceReconnect();
    await rig.world.settle();
    expect(codeOf(queued)).toBe("EPOCH_ENDED");
    expect(inFlight.state).toBe("pending");
    const late = watch(connection.sink.send("late"));
    await rig.world.settle();
    expect(codeOf(late)).toBe("NOT_CONNECTED");
    await rig.untilEpoch(connection, 2);
    expect(codeOf(inFlight)).toBe("SEND_FATE_UNKNOWN");
  });

  it("keeps the socket during the Retry-After of a neighbour, and shows it", async () => {
    const gate = new AttemptGate();
    const rig = new Rig({ gate, script: [accept(), refuse({ status: 429, retryAfterMs: 5_000 })] });
    const connection = await rig.up();
    await rig.start();
    await rig.world.settle();
    connection.trigger.forceReconnect();
    await rig.world.settle();
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connected",
      waitingFor: "retryAfter",
      waitingUntil: 5_000,
    });
    await rig.untilEpoch(connection, 2);
    expect(rig.now).toBeGreaterThanOrEqual(5_000);
  });

  it("gives its place at the gate back when the connection is shut down meanwhile", async () => {
    const gate = new AttemptGate();
    const rig = new Rig({ gate, config: { attempts: { max: 2, windowMs: WINDOW_MS } } });
    const others = await rig.up();
    const connection = await waiting(rig);
    await rig.world.complete(connection.control.shutdown());
    const next = await rig.start();
    await rig.world.run(2 * WINDOW_MS);
    // Both slots of the next window were free for those who still live.
    expect(next.lifecycle.snapshot.totalDownMs).toBeLessThanOrEqual(WINDOW_MS - STABLE_MS);
    expect(others.lifecycle.snapshot.epoch).toBe(1);
  });
});

describe("a connection that waits for its attempt", () => {
  it("says what for and until when: gate, backoff, Retry-After", async () => {
    const rig = new Rig({ config: ONE, script: [refuse({ code: "ECONNREFUSED" })] });
    const connection = await rig.start();
    await rig.world.settle();
    const { waitingFor, waitingUntil = 0 } = connection.lifecycle.snapshot;
    expect(waitingFor).toBe("backoff");
    expect(waitingUntil).toBeLessThanOrEqual(250);
    await rig.world.run(1_000);
    expect(connection.lifecycle.snapshot).toMatchObject({
      phase: "connecting",
      waitingFor: "gate",
      waitingUntil: WINDOW_MS,
    });
    rig.leaf.enqueue(refuse({ status: 503, retryAfterMs: 90_000 }));
    await rig.world.run(WINDOW_MS);
    expect(connection.lifecycle.snapshot).toMatchObject({
      waitingFor: "retryAfter",
      waitingUntil: WINDOW_MS + 90_000,
    });
    await rig.untilEpoch(connection, 1);
    expect(connection.lifecycle.snapshot).toMatchObject({ waitingFor: undefined });
  });

  it("learns when a neighbour's Retry-After moves its slot", async () => {
    const gate = new AttemptGate();
    const rig = new Rig({ gate, config: ONE });
    await rig.start();
    const second = await rig.start();
    await rig.world.settle();
    expect(second.lifecycle.snapshot).toMatchObject({
      waitingFor: "gate",
      waitingUntil: WINDOW_MS,
    });
    await rig.world.run(1_000);
    gate.block(HANDSHAKE.url, 101_000, rig.now);
    await rig.world.settle();
    expect(second.lifecycle.snapshot).toMatchObject({
      waitingFor: "retryAfter",
      waitingUntil: 101_000,
    });
  });
});

describe("the gate, between feeds that flap and one that stood", () => {
  it("lets the proven one in at once when it is cut", async () => {
    const rig = new Rig();
    const good = await rig.up();
    await rig.world.run(STABLE_MS);
    const healthy = rig.peer;
    rig.leaf.otherwise = accept({ onAccept: (peer) => peer.reset() });
    for (let i = 0; i < 4; i++) await rig.start();
    await rig.world.run(12_000);
    rig.leaf.otherwise = accept();
    const at = rig.now;
    healthy.reset();
    await rig.untilEpoch(good, 2);
    expect(rig.now - at).toBeLessThanOrEqual(250);
  });
});

describe("a Retry-After that is not the venue's", () => {
  const BUSY = { message: "busy", retryAfterMs: 6_000 } as const;
  const response = { status: 503, headers: { "retry-after": "6" } };
  it.each([
    {
      whose: "a token service",
      options: {
        auth: throwingOnce(new WsError({ kind: "throttled", code: "TOKEN_BUSY", ...BUSY })),
      },
    },
    {
      whose: "a token service, in a header",
      options: { auth: throwingOnce(Object.assign(new Error("503"), { response })) },
    },
    {
      whose: "a proxy",
      options: {
        script: [refuse(new WsError({ kind: "proxy", code: "PROXY_BUSY", status: 503, ...BUSY }))],
      },
    },
  ])("of $whose delays no other connection", async ({ options }) => {
    const gate = new AttemptGate();
    const rig = new Rig({ gate });
    const feed = await rig.up();
    const other = new Rig({ gate, ...options });
    const waits = await other.start({ ...HANDSHAKE });
    await other.world.settle();
    expect(waits.lifecycle.snapshot).toMatchObject({
      waitingFor: "retryAfter",
      waitingUntil: 6_000,
    });
    waits.trigger.forceReconnect("does not pass it");
    await other.world.settle();
    expect(waits.lifecycle.snapshot.waitingUntil).toBe(6_000);
    rig.peer.reset();
    await rig.untilEpoch(feed, 2);
    expect(rig.now).toBeLessThan(1_000);
    await other.untilEpoch(waits, 1);
    expect(other.now).toBe(6_000);
  });
});
