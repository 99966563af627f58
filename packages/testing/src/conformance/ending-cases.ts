import type { Frame } from "@oath-ws/contract";
import { toUtf8 } from "../utf8.js";
import { define } from "./case.js";
import type { CaseDefinition } from "./case.js";
import { check, checkFrame, checkSame, checkWsError, settlement, started } from "./check.js";
import type { Settlement } from "./check.js";
import { noise } from "./payloads.js";
import type { Scenario } from "./scenario.js";

const MIB = 1024 * 1024;

/** More than the buffers of two kernels hold between them, loopback's automatic growth included. */
const FLOOD = 32;

/** Ends without a closing handshake: `destroy()`, and sockets that die. */
export const ENDING_CASES: readonly CaseDefinition[] = [
  define(
    "ending: destroy() drops the socket without a close frame, and the connection ends",
    async (s) => {
      const { leaf, peer } = await s.open();
      let frame: Frame | undefined;
      void peer.next().then((sent) => {
        frame = sent;
      });
      leaf.destroy();
      await s.within(peer.gone(), "the client's end of the connection");
      check(frame === undefined, "destroy() sent a frame");
      await s.checkEnd(leaf);
      await s.closed(leaf);
    },
  ),

  define("ending: destroy() may be called again, also after the end", async (s) => {
    const { leaf, peer, server } = await s.open();
    leaf.destroy();
    leaf.destroy();
    await s.within(peer.gone(), "the client's end of the connection");
    leaf.destroy();
    await s.within(server.idle(), "the end of every socket");
    const other = await s.link(server);
    other.peer.send({ kind: "close", code: 1000, data: new Uint8Array(0) });
    await s.closed(other.leaf);
    other.leaf.destroy();
  }),

  define("ending: sends after destroy() are refused, and close() settles", async (s) => {
    const { leaf } = await s.open();
    leaf.destroy();
    await s.checkRefused(leaf, "too late", "a send after destroy()");
    await s.within(
      started(() => leaf.close(), "close()"),
      "close() after destroy()",
    );
  }),

  define(
    "ending: destroy() settles sends that have not left",
    async (s) => {
      const { leaf, peer } = await s.open();
      peer.stopReading();
      const sends = flood((data) => leaf.send(data));
      leaf.destroy();
      await checkFlood(s, sends);
    },
    "backpressure",
  ),

  define(
    "ending: a reset settles sends that have not left",
    async (s) => {
      const { leaf, peer } = await s.open();
      peer.stopReading();
      const sends = flood((data) => leaf.send(data));
      peer.reset();
      await checkFlood(s, sends);
    },
    "backpressure",
    "abruptEnd",
  ),

  define(
    "ending: sends that a peer holds up settle when it reads again",
    async (s) => {
      const { leaf, peer } = await s.open();
      peer.stopReading();
      const sends = flood((data) => leaf.send(data));
      peer.resumeReading();
      for (const [index] of sends.entries()) {
        const frame = await s.within(peer.next(), `frame ${index}`);
        checkSame(frame.data.length, MIB, `the length of frame ${index}`);
      }
      for (const outcome of await s.within(Promise.all(sends), "the sends"))
        checkSame(outcome.kind, "resolved", "a send");
    },
    "backpressure",
  ),

  define(
    "ending: a reset is told by ended(), after the frames that came before",
    async (s) => {
      const { leaf, peer } = await s.open();
      peer.send({ kind: "text", data: toUtf8("one") });
      peer.send({ kind: "text", data: toUtf8("two") });
      checkFrame(await s.take(leaf), "text", toUtf8("one"), "the first frame");
      // What was not read yet when an RST arrives a kernel may throw away; so it is told
      // first.
      await s.within(leaf.source.readable(), "the second frame");
      peer.reset();
      await s.closed(leaf);
      checkFrame(await s.take(leaf), "text", toUtf8("two"), "the second frame");
      const error = checkWsError(leaf.end?.error, "the error of ended()");
      checkSame(error.kind, "connection", "the error's kind");
    },
    "abruptEnd",
  ),

  define(
    "ending: after a reset sends are refused, and close() settles",
    async (s) => {
      const { leaf, peer } = await s.open();
      peer.reset();
      await s.closed(leaf);
      await s.checkRefused(leaf, "too late", "a send after the reset");
      await s.within(
        started(() => leaf.close(), "close()"),
        "close() after the reset",
      );
    },
    "abruptEnd",
  ),
];

function flood(send: (data: Uint8Array) => Promise<void>): Promise<Settlement<void>>[] {
  const data = noise(MIB);
  return Array.from({ length: FLOOD }, () => settlement(started(() => send(data), "send()")));
}

/**
 * Whatever reached the kernel resolved; what did not must have been refused, and none may be left
 * open.
 */
async function checkFlood(s: Scenario, sends: readonly Promise<Settlement<void>>[]): Promise<void> {
  const outcomes = await s.within(Promise.all(sends), "the settlement of every send");
  const refused = outcomes.filter((outcome) => outcome.kind === "rejected");
  check(
    refused.length > 0,
    `all ${FLOOD} sends of 1 MiB resolved, though the peer did not read them`,
  );
  for (const { reason } of refused) checkWsError(reason, "a send that did not leave");
  const firstRefused = outcomes.findIndex((outcome) => outcome.kind === "rejected");
  check(
    outcomes.slice(firstRefused).every((outcome) => outcome.kind === "rejected"),
    "a send resolved although an earlier one was refused",
  );
}
