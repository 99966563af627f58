import { inspect } from "node:util";
import type { ConnectionStats, LeafConnection, WsConnector } from "@oath-ws/contract";
import { accept, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { watch } from "./support/outcome.js";
import { HANDSHAKE, Rig, takeAll } from "./support/rig.js";

const TLS = { protocol: "TLSv1.3", verification: "off" } as const;

/** Adds what the mock does not know. */
function withTls(leaf: WsConnector): WsConnector {
  return {
    lingeringSockets: () => 2,
    connect: (handshake, events, options) => {
      const told = Object.create(events) as typeof events;
      told.opened = (connection: LeafConnection): void => {
        Object.defineProperty(connection, "tls", { value: TLS });
        events.opened(connection);
      };
      for (const name of ["read", "frame", "dropped", "closed", "ended"] as const)
        told[name] = events[name].bind(events) as never;
      return leaf.connect(handshake, told, options);
    },
  };
}

describe("stats()", () => {
  it("tells the figures before, in and after a connection, in a plain object", async () => {
    const rig = new Rig({
      config: {
        attempts: { max: 100 },
        buffer: { maxFrames: 3 },
        send: { rateLimit: { max: 9, windowMs: 1_000 } },
      },
      script: [refuse({ status: 503 }), refuse({ status: 503 }), refuse({ code: "ECONNREFUSED" })],
      otherwise: accept(),
      wrap: withTls,
    });
    const connection = await rig.start();
    expect(connection.stats()).toMatchObject({
      connection: { id: connection.id, name: "venue.example" },
      phase: "connecting",
      epoch: 0,
      totalReceivedFrames: 0,
      dataAgeMs: undefined,
      inboundAgeMs: undefined,
      roundTripMs: undefined,
      slackMs: 100,
      tls: undefined,
      failures: [],
    } satisfies Partial<ConnectionStats>);
    await rig.untilEpoch(connection, 1);
    const upAt = rig.now;
    for (const text of ["1", "22", "333", "4444", "55555"]) rig.peer.text(text);
    await rig.world.settle();
    await rig.world.run(500);
    rig.peer.stopReading();
    await rig.world.settle();
    const first = watch(connection.sink.send("abc"));
    await rig.world.run(250);
    const second = watch(connection.sink.send("de"));
    const stats = connection.stats();
    expect(stats).toEqual({
      connection: { id: connection.id, name: "venue.example" },
      at: rig.now,
      phase: "connected",
      epoch: 1,
      endpoint: "wss://venue.example",
      totalReceivedFrames: 5,
      totalReceivedBytes: 15,
      totalLaggedFrames: 2,
      totalLaggedBytes: 3,
      bufferedFrames: 3,
      bufferedBytes: expect.any(Number) as number,
      readerBehindMs: expect.any(Number) as number,
      dataAgeMs: 750,
      inboundAgeMs: 750,
      isPaused: false,
      totalSentFrames: 0,
      unsettledSends: 2,
      unsettledBytes: 5,
      oldestUnsettledMs: 250,
      socketBytes: expect.any(Number) as number,
      roundTripMs: undefined,
      slackMs: 100,
      totalAttempts: 4,
      attemptsByEndpoint: [{ endpoint: "wss://venue.example", count: 4 }],
      failures: [
        { kind: "server", code: "UPGRADE_REFUSED", count: 2 },
        { kind: "connection", code: "ECONNREFUSED", count: 1 },
      ],
      totalStale: 0,
      totalDownMs: upAt,
      waitingFor: undefined,
      totalGateWaitMs: 0,
      lingeringSockets: 2,
      tls: TLS,
    } satisfies ConnectionStats);
    expect(stats.bufferedBytes).toBeGreaterThanOrEqual(12);
    expect(stats.socketBytes).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(stats))).toMatchObject({ tls: TLS, totalReceivedBytes: 15 });
    takeAll(connection);
    expect(connection.stats()).toMatchObject({
      bufferedFrames: 0,
      bufferedBytes: 0,
      readerBehindMs: 0,
    });
    await rig.world.complete(connection.control.shutdown());
    expect([first.state, second.state]).toEqual(["rejected", "rejected"]);
    expect(connection.stats()).toMatchObject({
      phase: "closed",
      unsettledSends: 0,
      socketBytes: 0,
      tls: TLS,
    });
  });

  it("adds up the waits for the gate, the present one included", async () => {
    const rig = new Rig({
      config: { attempts: { max: 2, windowMs: 60_000 } },
      otherwise: accept(),
    });
    const connection = await rig.up();
    await rig.world.run(30_000);
    rig.peer.reset();
    await rig.untilEpoch(connection, 2);
    await rig.world.run(10_000);
    rig.peer.reset();
    await rig.world.runUntil(() => connection.lifecycle.snapshot.waitingFor === "gate");
    expect(connection.stats().totalGateWaitMs).toBe(0);
    await rig.world.run(1_000);
    expect(connection.stats()).toMatchObject({ totalGateWaitMs: 1_000, waitingFor: "gate" });
    const since = rig.now - 1_000;
    await rig.untilEpoch(connection, 3);
    await rig.world.run(5_000);
    const { totalGateWaitMs } = connection.stats();
    expect(totalGateWaitMs).toBeGreaterThan(1_000);
    expect(totalGateWaitMs).toBeLessThanOrEqual(rig.now - 5_000 - since);
  });

  it("tells a bounded number of causes apart", async () => {
    let attempt = 0;
    const rig = new Rig({
      config: { attempts: { max: 1_000 }, backoff: { minMs: 1, maxMs: 1 } },
      otherwise: () => refuse({ code: `E${attempt++}` }),
    });
    const connection = await rig.start();
    await rig.world.runUntil(() => attempt >= 100);
    const { failures } = connection.stats();
    expect(failures).toHaveLength(65);
    // Not a new list for each reading: it is one that never changes.
    expect(connection.stats().failures).toBe(failures);
    expect(Object.isFrozen(failures) && failures.every(Object.isFrozen)).toBe(true);
    expect(failures.at(-1)).toMatchObject({ code: "OTHER" });
  });
});

describe("the upgrade's response headers", () => {
  it("are those of the connection that stands, and secrets among them are not printed", async () => {
    const headers = { server: "venue/1", "set-cookie": "sid=c4n4ry", "x-session-token": "c4n4ry" };
    const rig = new Rig({ script: [accept({ headers })], otherwise: accept() });
    const connection = await rig.start();
    expect(connection.headers).toEqual({});
    await rig.untilEpoch(connection, 1);
    expect(Object.entries(connection.headers)).toEqual([["server", "venue/1"]]);
    expect(connection.headers["set-cookie"]).toBe("sid=c4n4ry");
    expect(connection.headers["x-session-token"]).toBe("c4n4ry");
    expect(inspect(connection, { depth: 9 })).not.toContain("c4n4ry");
    expect(JSON.stringify(connection.headers)).toBe('{"server":"venue/1"}');
    rig.peer.reset();
    await rig.world.settle();
    expect(connection.headers["server"]).toBe("venue/1");
    await rig.untilEpoch(connection, 2);
    expect(connection.headers).toEqual({});
  });
});

it("the observer of a connection lives as long as the connection", async () => {
  const names: string[] = [];
  const rig = new Rig({
    otherwise: accept(),
    stack: {
      onConnection: (observed) => {
        names.push(observed.name);
        expect(observed.lifecycle.snapshot.attempts).toBe(0);
        expect(observed.stats()).toMatchObject({ phase: "connecting", totalAttempts: 0 });
      },
    },
  });
  await rig.up(HANDSHAKE, { name: "feed" });
  expect(names).toEqual(["feed"]);
});
