import type { LeafRecorder } from "../leaf-recorder.js";
import { toUtf8 } from "../utf8.js";
import { define } from "./case.js";
import type { CaseDefinition } from "./case.js";
import { check, checkBytes, checkFrame, checkSame, checkWsError, started } from "./check.js";
import type { ConformancePeer } from "./harness.js";
import type { Link, Scenario } from "./scenario.js";

const NO_REASON = new Uint8Array(0);

/** Closing handshakes, from either side. */
export const CLOSING_CASES: readonly CaseDefinition[] = [
  define("closing: the peer's close is told with code and reason, then the end", async (s) => {
    const { leaf, peer } = await s.open();
    peer.send({ kind: "close", code: 4042, data: toUtf8("maintenance ✓") });
    await checkClose(s, leaf, 4042, "maintenance ✓");
    await s.checkEnd(leaf);
  }),

  define("closing: a close frame without a code reads as 1005", async (s) => {
    const { leaf, peer } = await s.open();
    peer.send({ kind: "close", code: 1005, data: NO_REASON });
    await checkClose(s, leaf, 1005, "");
    await s.checkEnd(leaf);
  }),

  define("closing: the leaf answers the peer's close", async (s) => {
    const { peer } = await s.open();
    peer.send({ kind: "close", code: 1001, data: toUtf8("bye") });
    checkSame((await s.within(peer.next(), "the answer to the close")).kind, "close", "the answer");
    await s.within(peer.gone(), "the client's end of the connection");
  }),

  define("closing: frames that came before the close are told before it", async (s) => {
    const { leaf, peer } = await s.open();
    peer.send({ kind: "text", data: toUtf8("one") });
    peer.send({ kind: "text", data: toUtf8("two") });
    peer.send({ kind: "close", code: 1000, data: NO_REASON });
    await s.closed(leaf);
    checkFrame(await s.take(leaf), "text", toUtf8("one"), "the first frame");
    checkFrame(await s.take(leaf), "text", toUtf8("two"), "the second frame");
    await checkClose(s, leaf, 1000, "");
    await s.checkEnd(leaf);
  }),

  define("closing: sends after the peer's close are refused", async (s) => {
    const { leaf, peer } = await s.open();
    peer.send({ kind: "close", code: 1000, data: NO_REASON });
    await s.closed(leaf);
    await s.checkRefused(leaf, "too late", "a send after the peer's close");
  }),

  define(
    "closing: close() sends code and reason, and resolves when the handshake is done",
    async (s) => {
      const link = await s.open();
      const closing = started(() => link.leaf.close(3001, "enough ✓"), "close()");
      await checkCloseAtPeer(s, link.peer, 3001, "enough ✓");
      await answer(s, link, closing, 3001);
    },
  ),

  define("closing: close() without arguments sends 1000", async (s) => {
    const link = await s.open();
    const closing = started(() => link.leaf.close(), "close()");
    await checkCloseAtPeer(s, link.peer, 1000, "");
    await answer(s, link, closing, 1000);
  }),

  define("closing: close(1005) sends a close frame without a code", async (s) => {
    const link = await s.open();
    const closing = started(() => link.leaf.close(1005), "close(1005)");
    await checkCloseAtPeer(s, link.peer, 1005, "");
    await answer(s, link, closing, 1005);
  }),

  define("closing: sends accepted before close() leave before the close frame", async (s) => {
    const link = await s.open();
    const sending = started(() => link.leaf.send("last words"), "send()");
    const closing = started(() => link.leaf.close(), "close()");
    await s.within(sending, "the send before the close");
    checkFrame(
      await s.within(link.peer.next(), "the last frame"),
      "text",
      toUtf8("last words"),
      "the last frame",
    );
    await checkCloseAtPeer(s, link.peer, 1000, "");
    await answer(s, link, closing, 1000);
  }),

  define("closing: a second close() settles too, and sends nothing", async (s) => {
    const link = await s.open();
    const closing = started(() => link.leaf.close(3000, "first"), "close()");
    const again = started(() => link.leaf.close(3001, "second"), "the second close()");
    await checkCloseAtPeer(s, link.peer, 3000, "first");
    await answer(s, link, closing, 3000);
    await s.within(again, "the second close()");
    await s.within(link.leaf.close(), "close() on a connection that is gone");
  }),

  define("closing: sends after close() are refused with SINK_CLOSED", async (s) => {
    const link = await s.open();
    const closing = started(() => link.leaf.close(), "close()");
    await s.checkRefused(link.leaf, "too late", "a send while closing", "SINK_CLOSED");
    await checkCloseAtPeer(s, link.peer, 1000, "");
    await answer(s, link, closing, 1000);
    await s.checkRefused(link.leaf, "too late", "a send after closing", "SINK_CLOSED");
  }),

  define(
    "closing: what the peer sends before it answers close() is still delivered",
    async (s) => {
      const link = await s.open();
      const closing = started(() => link.leaf.close(), "close()");
      await checkCloseAtPeer(s, link.peer, 1000, "");
      link.peer.send({ kind: "text", data: toUtf8("the last fill") });
      link.peer.send({ kind: "close", code: 1000, data: NO_REASON });
      await s.within(closing, "close()");
      checkFrame(
        await s.take(link.leaf),
        "text",
        toUtf8("the last fill"),
        "the frame before the answer",
      );
    },
    "dataWhileClosing",
  ),

  define("closing: an invalid code or reason is refused, and nothing closes", async (s) => {
    const { leaf, peer } = await s.open();
    const invalid: (readonly [number, string])[] = [
      ...[0, 999, 1001, 1004, 1006, 1011, 1015, 2999, 5000, 65_536, -1, 1000.5, Number.NaN].map(
        (code) => [code, ""] as const,
      ),
      [1000, "x".repeat(124)],
      [1000, "é".repeat(62)],
      [1005, "a reason"],
    ];
    for (const [code, reason] of invalid) {
      const what = `close(${code}, ${reason.length} characters)`;
      checkWsError(
        await s.rejection(
          started(() => leaf.close(code, reason), what),
          what,
        ),
        what,
        "FRAME_INVALID",
      );
    }
    await s.checkAlive({ leaf, peer });
  }),

  define("closing: destroy() ends a close() that the peer does not answer", async (s) => {
    const { leaf, peer } = await s.open();
    const closing = started(() => leaf.close(), "close()");
    await checkCloseAtPeer(s, peer, 1000, "");
    leaf.destroy();
    await s.within(closing, "the end after destroy()");
    checkSame(leaf.end?.error, undefined, "the error of ended()");
  }),
];

/** Takes the peer's close frame, the last one. */
async function checkClose(
  s: Scenario,
  leaf: LeafRecorder,
  code: number,
  reason: string,
): Promise<void> {
  const frame = await s.take(leaf, "the close frame");
  check(frame.kind === "close", `expected the peer's close, got a ${frame.kind} frame`);
  checkSame(frame.code, code, "the close code");
  checkBytes(frame.data, toUtf8(reason), "the close reason");
}

async function checkCloseAtPeer(
  s: Scenario,
  peer: ConformancePeer,
  code: number,
  reason: string,
): Promise<void> {
  const frame = await s.within(peer.next(), "the client's close frame");
  check(frame.kind === "close", `expected the client's close, got a ${frame.kind} frame`);
  checkSame(frame.code, code, "the close code");
  checkBytes(frame.data, toUtf8(reason), "the close reason");
}

/**
 * Answers the client's close and checks that everything ends. The answer may or may not be
 * told.
 */
async function answer(
  s: Scenario,
  link: Link,
  closing: Promise<void>,
  code: number,
): Promise<void> {
  check(link.leaf.end === undefined, "the connection was over before the peer answered the close");
  link.peer.send({ kind: "close", code, data: NO_REASON });
  await s.within(closing, "close() after the peer's answer");
  await s.within(link.peer.gone(), "the client's end of the connection");
  const rest = await s.drain(link.leaf);
  check(
    rest.every((frame) => frame.kind === "close"),
    "frames were told that were never sent",
  );
  checkSame(await link.leaf.untilEnded(), undefined, "the error of ended() after close()");
}
