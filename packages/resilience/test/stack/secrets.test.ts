import { inspect } from "node:util";
import type { LifecycleSnapshot } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";
import { acceptThenClose, accept, hang, refuse } from "@oath-ws/testing";
import { describe, expect, it } from "vitest";
import { watch } from "./support/outcome.js";
import { Rig } from "./support/rig.js";

const CANARY = "c4n4ry";

function shown(value: unknown): string {
  return inspect(value, {
    depth: Number.POSITIVE_INFINITY,
    maxArrayLength: null,
    maxStringLength: null,
  });
}

describe("secrets", () => {
  it("appear in no trace event, error, snapshot or rejected promise, whatever fails", async () => {
    const rig = new Rig({
      config: { attempts: { permanentRetries: 5, max: 1_000 } },
      script: [
        refuse({
          status: 401,
          headers: { "set-cookie": `session=${CANARY}`, "www-authenticate": CANARY },
        }),
        refuse({ status: 429, retryAfterMs: 1_000, headers: { "x-account": CANARY } }),
        refuse({ code: "CERT_HAS_EXPIRED" }),
        hang(),
        acceptThenClose(1008, "policy"),
        accept({ headers: { "set-cookie": CANARY } }),
        accept(),
        accept(),
        accept({ protocol: "never offered" }),
      ],
      auth: {
        authorize: (handshake, { attempt }) => {
          if (attempt === 2) return { ...handshake, url: `http://venue.example/?t=${CANARY}` };
          if (attempt === 3)
            return {
              ...handshake,
              url: `wss://user:${CANARY}@venue.example/?t=${CANARY}#${CANARY}`,
            };
          if (attempt === 4)
            throw new WsError({ kind: "auth", code: "AUTH_FAILED", message: "no token today" });
          return {
            url: `wss://user:${CANARY}@venue.example/${CANARY}?token=${CANARY}`,
            protocols: [`bearer-${CANARY}`],
            headers: { ...handshake.headers, authorization: `Bearer ${CANARY}` },
          };
        },
      },
    });
    const own = {
      url: `wss://me:${CANARY}@venue.example/${CANARY}?key=${CANARY}`,
      protocols: [],
      headers: { cookie: CANARY },
    };
    const snapshots: LifecycleSnapshot[] = [];
    const rejected: unknown[] = [];
    const connection = await rig.start(own);
    connection.lifecycle.subscribe(() => snapshots.push(connection.lifecycle.snapshot));
    await rig.untilEpoch(connection, 2);
    const orders = [
      connection.sink.send(`order ${CANARY}`, { epoch: 1 }),
      connection.sink.send("x", { deadlineMs: -1 }),
    ].map(watch);
    rig.peer.stopReading();
    orders.push(watch(connection.sink.send(`order ${CANARY}`)));
    await rig.world.settle();
    rig.peer.reset();
    await rig.untilEpoch(connection, 3);
    rig.peer.text(CANARY);
    rig.peer.goSilent();
    await rig.untilEpoch(connection, 4);
    connection.trigger.forceReconnect("the adapter's watchdog");
    await rig.world.run(60_000);
    await rig.world.complete(connection.control.shutdown());
    orders.push(watch(connection.sink.send(CANARY)));
    await rig.world.settle();
    for (const order of orders) rejected.push(order.reason);

    // The canary did go out, and every kind of failure did happen.
    expect(shown(rig.leaf.dials)).toContain(CANARY);
    const codes = new Set(rig.traced("failure").map(({ error }) => error.code));
    expect([...codes].sort()).toEqual(
      [
        "AUTH_FAILED",
        "CERT_HAS_EXPIRED",
        "CONNECT_TIMEOUT",
        "HANDSHAKE_INVALID",
        "PEER_CLOSED",
        "PEER_SILENT",
        "SOCKET_LOST",
        "UPGRADE_REFUSED",
        "URL_INVALID",
      ].sort(),
    );
    expect(rejected.every((reason) => reason instanceof WsError)).toBe(true);
    expect(snapshots.length).toBeGreaterThan(5);
    const figures = [connection.stats(), connection, connection.headers, connection.name];
    for (const value of [rig.trace, snapshots, rejected, figures, connection.lifecycle.snapshot]) {
      expect(shown(value)).not.toContain(CANARY);
      // A connection holds itself.
      if (value !== figures) expect(JSON.stringify(value)).not.toContain(CANARY);
    }
  });

  it("are not shown when the caller's own URL is refused", async () => {
    const rig = new Rig();
    for (const url of [
      `https://venue.example/?key=${CANARY}`,
      `wss://venue.example/#${CANARY}`,
      `wss://:${CANARY}`,
      CANARY,
    ]) {
      const outcome = watch(rig.connector.connect({ url, protocols: [], headers: {} }));
      await rig.world.settle();
      expect(outcome.reason).toMatchObject({ code: "URL_INVALID" });
      expect(shown(outcome.reason)).not.toContain(CANARY);
    }
    expect(rig.leaf.dials).toEqual([]);
  });

  it("are left out of the endpoint that an attempt is reported with, like the path", async () => {
    const rig = new Rig();
    await rig.up({
      url: "wss://user:pass@venue.example:8443/ws/a?key=1",
      protocols: [],
      headers: {},
    });
    const endpoints = rig.traced("attempt").map(({ endpoint }) => endpoint);
    expect(endpoints).toEqual(["wss://venue.example:8443"]);
  });
});
