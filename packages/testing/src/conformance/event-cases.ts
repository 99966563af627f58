import type { LeafConnection } from "@oath-ws/contract";
import { LeafRecorder } from "../leaf-recorder.js";
import { toUtf8 } from "../utf8.js";
import { define } from "./case.js";
import type { CaseDefinition } from "./case.js";
import { check, checkSame, checkWsError } from "./check.js";
import { noise } from "./payloads.js";
import type { Scenario } from "./scenario.js";

/**
 * The events of one connection: `opened` first, `ended` last, reads before their frames. Every
 * other case checks the order as well, through its {@link LeafRecorder}.
 */
export const EVENT_CASES: readonly CaseDefinition[] = [
  define("events: opened() is not told within the call of connect()", async (s) => {
    const server = await s.start();
    const recorder = new LeafRecorder();
    const dialled = s.dial(server, {}, recorder);
    checkSame(recorder.log.length, 0, "events within the call");
    await s.within(dialled, "connect()");
    checkSame(recorder.log[0], "opened", "the first event");
  }),

  define("events: connect() resolves with the connection that opened() told", async (s) => {
    const server = await s.start();
    const recorder = new LeafRecorder();
    const dialled = s.dialBare(server, recorder);
    const connection = await s.within(dialled, "connect()");
    check(connection === recorder.connection, "connect() resolved with another connection");
  }),

  define(
    "events: data that came with the upgrade is told after opened(), and nothing is lost",
    async (s) => {
      const server = await s.start({
        kind: "accept",
        early: [
          { kind: "text", data: toUtf8("one") },
          { kind: "text", data: toUtf8("two") },
        ],
      });
      const recorder = new LeafRecorder();
      await s.within(s.dial(server, {}, recorder), "connect()");
      await s.take(recorder);
      await s.take(recorder);
      const log = recorder.log.filter((event) => event !== "read");
      checkSame(log.join(), "opened,frame,frame", "the events");
    },
  ),

  define("events: a connection that is destroyed within opened() tells its end only", async (s) => {
    const server = await s.start({
      kind: "accept",
      early: [{ kind: "text", data: toUtf8("too early") }],
    });
    const recorder = new (class extends LeafRecorder {
      override opened(connection: LeafConnection): void {
        super.opened(connection);
        connection.destroy();
      }
    })();
    await s.within(s.dial(server, {}, recorder), "connect()");
    await s.within(server.idle(), "the end of every socket");
    checkSame(recorder.log.join(), "opened,ended", "the events");
    checkSame(recorder.end?.error, undefined, "the error of ended()");
  }),

  define("events: a connection that is destroyed within frame() tells no more", async (s) => {
    const server = await s.start();
    const recorder = new (class extends LeafRecorder {
      override frame(frame: Parameters<LeafRecorder["frame"]>[0]): void {
        super.frame(frame);
        this.destroy();
      }
    })();
    const { leaf, peer } = await s.link(server, {}, recorder);
    for (let salt = 0; salt < 20; salt++) peer.send({ kind: "binary", data: noise(10, salt) });
    await s.within(leaf.untilEnded(), "ended()");
    await s.within(server.idle(), "the end of every socket");
    checkSame(leaf.log.join().replaceAll("read,", ""), "opened,frame,ended", "the events");
  }),

  define(
    "events: after the peer's close frame ended() says PEER_CLOSED, with code and reason",
    async (s) => {
      const { leaf, peer } = await s.open();
      peer.send({ kind: "close", code: 4007, data: toUtf8("so long") });
      const error = await s.within(leaf.untilEnded(), "ended()");
      const cause = checkWsError(error, "the error of ended()", "PEER_CLOSED");
      checkSame(cause.close?.code, 4007, "its close code");
      checkSame(cause.close?.reason, "so long", "its close reason");
      checkSame(leaf.log.slice(-2).join(), "closed,ended", "the last events");
    },
  ),

  define(
    "events: after a reset ended() says a typed error of kind connection",
    async (s) => {
      const { leaf, peer } = await s.open();
      peer.reset();
      const error = await s.within(leaf.untilEnded(), "ended()");
      checkSame(checkWsError(error, "the error of ended()").kind, "connection", "its kind");
      check(!leaf.log.includes("closed"), "closed() was told though no close frame came");
    },
    "abruptEnd",
  ),

  define("events: destroy() tells ended() within the call, once, without an error", async (s) => {
    const { leaf, server } = await s.open();
    leaf.destroy();
    check(leaf.end !== undefined, "ended() was not told within destroy()");
    checkSame(leaf.end.error, undefined, "the error of ended()");
    leaf.destroy();
    await s.within(server.idle(), "the end of every socket");
    checkSame(leaf.log.filter((event) => event === "ended").length, 1, "calls of ended()");
  }),

  define("events: read() comes before its frames, stamped by the connector's clock", async (s) => {
    const { leaf, peer } = await s.open();
    const before = s.harness.now();
    peer.send({ kind: "text", data: toUtf8("tick") });
    await s.take(leaf);
    stamped(s, leaf.lastReadAt);
    check(
      before <= (leaf.lastReadAt ?? before - 1),
      "read() was stamped before the frame was sent",
    );
    checkSame(leaf.log.slice(0, 3).join(), "opened,read,frame", "the first events");
  }),

  define(
    "events: a ping is told after a read() too",
    async (s) => {
      const { leaf, peer } = await s.open();
      peer.send({ kind: "ping", data: noise(4) });
      await s.take(leaf);
      stamped(s, leaf.lastReadAt);
    },
    "controlFrames",
  ),

  define(
    "events: a part of a frame is told by read() alone",
    async (s) => {
      const { leaf, peer } = await s.open();
      checkSame(leaf.lastReadAt, undefined, "the last read before anything came");
      peer.sendPartial();
      // Nothing announces a part of a frame; a few round trips the other way give it the time to
      // arrive.
      for (let trip = 0; trip < 50 && leaf.lastReadAt === undefined; trip++) {
        await s.within(leaf.send("?"), "a send");
        await s.within(peer.next(), "the sent frame");
      }
      stamped(s, leaf.lastReadAt);
      check(!leaf.log.includes("frame"), "a part of a frame was told as a frame");
    },
    "partialFrames",
  ),

  define("events: bufferedBytes is 0 when nothing waits", async (s) => {
    const { leaf, peer } = await s.open();
    checkSame(leaf.connection.bufferedBytes, 0, "bufferedBytes of a new connection");
    await s.within(leaf.send(noise(1_000)), "a send");
    await s.within(peer.next(), "the sent frame");
    checkSame(leaf.connection.bufferedBytes, 0, "bufferedBytes after the frame arrived");
  }),

  define(
    "events: bufferedBytes counts what a peer that does not read holds up",
    async (s) => {
      const { leaf, peer } = await s.open();
      peer.stopReading();
      const sends = Array.from({ length: 32 }, () => leaf.send(noise(1024 * 1024)));
      for (const send of sends) send.catch(() => undefined);
      check(leaf.connection.bufferedBytes > 0, "bufferedBytes is 0 with 32 MiB unsettled");
      leaf.destroy();
    },
    "backpressure",
  ),

  define("events: the upgrade's headers have lower-case names", async (s) => {
    const { leaf } = await s.open();
    for (const [name, value] of Object.entries(leaf.connection.headers)) {
      checkSame(name, name.toLowerCase(), "a header's name");
      checkSame(typeof value, "string", `the value of ${name}`);
    }
  }),
];

/** A stamp of the harness's clock: not from the future. */
function stamped(s: Scenario, at: number | undefined): void {
  check(at !== undefined, "read() was not told");
  const now = s.harness.now();
  check(Number.isFinite(at) && at <= now, `read() was stamped ${at}, but the clock says ${now}`);
}
