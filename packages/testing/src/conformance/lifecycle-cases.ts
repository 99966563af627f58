import type { LifecycleSnapshot } from "@oath-ws/contract";
import { toUtf8 } from "../utf8.js";
import { define } from "./case.js";
import type { CaseDefinition } from "./case.js";
import { check, checkSame, checkWsError, started } from "./check.js";
import { noise } from "./payloads.js";
import { ProbeSignal } from "./probe-signal.js";
import type { Scenario } from "./scenario.js";

/** The lifecycle of one connection: from `connected` to `closed`, once. */
export const LIFECYCLE_CASES: readonly CaseDefinition[] = [
  define(
    "lifecycle: it begins connected, in epoch 1, and ends closed with the peer's close as cause",
    async (s) => {
      const { connection, peer } = await s.open();
      const before = connection.lifecycle.snapshot;
      checkSame(before.phase, "connected", "the phase of an open connection");
      checkSame(before.epoch, 1, "its epoch");
      checkSame(before.downSince, undefined, "downSince while up");
      checkSame(connection.lifecycle.snapshot, before, "the snapshot, read again");
      peer.send({ kind: "close", code: 4007, data: toUtf8("so long") });
      await s.closed(connection);
      const after = connection.lifecycle.snapshot;
      check(after !== before, "the snapshot was changed in place instead of replaced");
      checkSame(before.phase, "connected", "the old snapshot's phase");
      checkSame(after.phase, "closed", "the phase after the peer's close");
      checkSame(after.epoch, 1, "the epoch after the end");
      const cause = checkWsError(after.cause, "the cause", "PEER_CLOSED");
      checkSame(cause.close?.code, 4007, "the cause's close code");
      checkSame(cause.close?.reason, "so long", "the cause's close reason");
      stamped(s, after.downSince, "downSince");
    },
  ),

  define(
    "lifecycle: after a reset the cause is a typed error",
    async (s) => {
      const { connection, peer } = await s.open();
      peer.reset();
      await s.closed(connection);
      const { phase, cause } = connection.lifecycle.snapshot;
      checkSame(phase, "closed", "the phase after a reset");
      checkSame(checkWsError(cause, "the cause").kind, "connection", "the cause's kind");
    },
    "abruptEnd",
  ),

  define(
    "lifecycle: changed() waits for the end and resolves false, then and ever after",
    async (s) => {
      const { connection } = await s.open();
      const { lifecycle } = connection;
      const before = lifecycle.snapshot;
      const waiting = Promise.all([lifecycle.changed(), lifecycle.changed({ since: before })]);
      connection.destroy();
      const [plain, since] = await s.within(waiting, "changed()");
      checkSame(plain, false, "changed()");
      checkSame(since, false, "changed({ since })");
      checkSame(await s.within(lifecycle.changed(), "changed()"), false, "changed() after the end");
      checkSame(
        await s.within(lifecycle.changed({ since: before }), "changed()"),
        false,
        "changed({ since }) after the end",
      );
    },
  ),

  define(
    "lifecycle: an aborted changed() rejects with the reason and leaves no listener",
    async (s) => {
      const { connection } = await s.open();
      const signal = new ProbeSignal();
      const reason = { why: "enough watched" };
      const waiting = started(() => connection.lifecycle.changed({ signal }), "changed()");
      signal.abort(reason);
      checkSame(await s.rejection(waiting, "the aborted changed()"), reason, "its reason");
      const again = started(() => connection.lifecycle.changed({ signal }), "changed()");
      checkSame(await s.rejection(again, "changed() with an aborted signal"), reason, "its reason");
      checkSame(signal.listenerCount, 0, "listeners left on the signal");
    },
  ),

  define("lifecycle: iterating gives the snapshot now and the last one, and ends", async (s) => {
    const { connection } = await s.open();
    const iterator = connection.lifecycle[Symbol.asyncIterator]();
    const first = await s.within(iterator.next(), "the first snapshot");
    check(
      first.done !== true && first.value.phase === "connected",
      "the first snapshot is not the present one",
    );
    const rest = (async () => {
      const phases: LifecycleSnapshot["phase"][] = [];
      for (let step = await iterator.next(); step.done !== true; step = await iterator.next())
        phases.push(step.value.phase);
      return phases.at(-1);
    })();
    connection.destroy();
    checkSame(await s.within(rest, "the end of the iteration"), "closed", "the last phase");
  }),

  define(
    "lifecycle: a listener is called after the end, once, and not from within the call that caused it",
    async (s) => {
      const { connection, server } = await s.open();
      let calls = 0;
      const called = new Promise<void>((resolve) => {
        connection.lifecycle.subscribe(() => {
          calls++;
          resolve();
        });
      });
      connection.destroy();
      checkSame(calls, 0, "calls of the listener inside destroy()");
      await s.within(called, "the listener");
      await s.within(server.idle(), "the end of every socket");
      checkSame(calls, 1, "calls of the listener");
    },
  ),

  define(
    "lifecycle: a listener that unsubscribed is not called, and one that throws hurts nobody",
    async (s) => {
      const { connection } = await s.open();
      const { lifecycle } = connection;
      let gone = 0;
      const unsubscribe = lifecycle.subscribe(() => {
        gone++;
      });
      lifecycle.subscribe(() => {
        throw new Error("a listener's own fault");
      });
      const called = new Promise<void>((resolve) => {
        lifecycle.subscribe(resolve);
      });
      unsubscribe();
      connection.destroy();
      await s.within(called, "the listener after the one that throws");
      checkSame(gone, 0, "calls of the listener that unsubscribed");
      checkSame(lifecycle.snapshot.phase, "closed", "the phase");
    },
  ),

  define("lifecycle: lastDataAt and lastInboundAt move with data", async (s) => {
    const { connection, peer } = await s.open();
    checkSame(connection.lifecycle.lastDataAt, undefined, "lastDataAt before any data");
    peer.send({ kind: "text", data: toUtf8("tick") });
    await s.take(connection);
    stamped(s, connection.lifecycle.lastDataAt, "lastDataAt");
    stamped(s, connection.lifecycle.lastInboundAt, "lastInboundAt");
    check(connection.lifecycle.isFresh(3_600_000), "isFresh() after data");
    check(
      !connection.lifecycle.isFresh(-1) && !connection.lifecycle.isFresh(Number.NaN),
      "isFresh() of a senseless age",
    );
    connection.destroy();
    await s.closed(connection);
    check(!connection.lifecycle.isFresh(3_600_000), "isFresh() after the end must be false");
  }),

  define(
    "lifecycle: a ping moves lastInboundAt and not lastDataAt",
    async (s) => {
      const { connection, peer } = await s.open();
      peer.send({ kind: "ping", data: noise(4) });
      await s.take(connection);
      checkSame(connection.lifecycle.lastDataAt, undefined, "lastDataAt after a ping");
      stamped(s, connection.lifecycle.lastInboundAt, "lastInboundAt");
      check(!connection.lifecycle.isFresh(3_600_000), "isFresh() without data must be false");
    },
    "controlFrames",
  ),

  define(
    "lifecycle: a part of a frame moves lastInboundAt",
    async (s) => {
      const { connection, peer } = await s.open();
      checkSame(
        connection.lifecycle.lastInboundAt,
        undefined,
        "lastInboundAt before anything came",
      );
      peer.sendPartial();
      // Nothing announces a part of a frame; a few round trips the other way give it the time to
      // arrive.
      for (let trip = 0; trip < 50 && connection.lifecycle.lastInboundAt === undefined; trip++) {
        await s.within(connection.sink.send("?"), "a send");
        await s.within(peer.next(), "the sent frame");
      }
      stamped(s, connection.lifecycle.lastInboundAt, "lastInboundAt");
      checkSame(connection.lifecycle.lastDataAt, undefined, "lastDataAt after a part of a frame");
    },
    "partialFrames",
  ),
];

/** A stamp of the harness's clock: not from the future. */
function stamped(s: Scenario, at: number | undefined, what: string): void {
  check(at !== undefined, `${what} is not set`);
  const now = s.harness.now();
  check(Number.isFinite(at) && at <= now, `${what} is ${at}, but the clock says ${now}`);
}
