import type { WsConnection } from "@oath-ws/contract";
import { toUtf8 } from "../utf8.js";
import { define } from "./case.js";
import type { CaseDefinition } from "./case.js";
import { check, checkFrame, checkSame, checkWsError, settlement, started } from "./check.js";
import { ProbeSignal } from "./probe-signal.js";

/** One reader at a time, in either of two ways. */
export const READING_CASES: readonly CaseDefinition[] = [
  define(
    "reading: take() gives nothing while nothing waits, and readable() waits until something does",
    async (s) => {
      const { connection, peer } = await s.open();
      checkSame(connection.source.take(), undefined, "take() on an empty source");
      const waiting = started(() => connection.source.readable(), "readable()");
      let settled = false;
      const mark = (): void => {
        settled = true;
      };
      waiting.then(mark, mark);
      await s.within(connection.sink.send("any news?"), "a send");
      await s.within(peer.next(), "the sent frame");
      check(!settled, "readable() settled though nothing had come");
      peer.send({ kind: "text", data: toUtf8("here") });
      checkSame(await s.within(waiting, "the waiting readable()"), true, "the waiting readable()");
      checkSame(
        await s.within(connection.source.readable(), "readable()"),
        true,
        "readable() with a frame at hand",
      );
      const frame = connection.source.take();
      check(frame !== undefined, "readable() resolved true, but take() gave nothing");
      checkFrame(frame, "text", toUtf8("here"), "the frame");
      checkSame(connection.source.take(), undefined, "take() after the last frame");
    },
  ),

  define("reading: for await gives the frames and ends with the connection", async (s) => {
    const { connection, peer } = await s.open();
    peer.send({ kind: "text", data: toUtf8("one") });
    peer.send({ kind: "binary", data: toUtf8("two") });
    peer.send({ kind: "close", code: 1000, data: new Uint8Array(0) });
    const loop = (async () => {
      const kinds: string[] = [];
      for await (const frame of connection.source) kinds.push(frame.kind);
      return kinds.join();
    })();
    checkSame(await s.within(loop, "the end of the loop"), "text,binary,close", "the frames");
  }),

  define("reading: a second iterator is refused, and the first goes on", async (s) => {
    const { connection, peer } = await s.open();
    const first = connection.source[Symbol.asyncIterator]();
    const step = settlement(first.next());
    checkWsError(
      await s.rejection(iterateOnce(connection), "a second for await"),
      "a second for await",
      "READER_BUSY",
    );
    peer.send({ kind: "text", data: toUtf8("mine") });
    const outcome = await s.within(step, "the first iterator");
    check(outcome.kind === "resolved" && outcome.value.done !== true, "the first iterator ended");
    checkFrame(outcome.value.value, "text", toUtf8("mine"), "the frame");
    await s.within(finish(first), "the first iterator's return()");
  }),

  define("reading: a second readable() is refused, and the first goes on", async (s) => {
    const { connection, peer } = await s.open();
    const first = settlement(started(() => connection.source.readable(), "readable()"));
    const second = started(() => connection.source.readable(), "the second readable()");
    checkWsError(
      await s.rejection(second, "the second readable()"),
      "the second readable()",
      "READER_BUSY",
    );
    peer.send({ kind: "text", data: toUtf8("mine") });
    const outcome = await s.within(first, "the first readable()");
    check(
      outcome.kind === "resolved" && outcome.value,
      "the first readable() did not resolve true",
    );
  }),

  define(
    "reading: take() and readable() are refused while a for await holds the source",
    async (s) => {
      const { connection, peer } = await s.open();
      peer.send({ kind: "text", data: toUtf8("one") });
      const iterator = connection.source[Symbol.asyncIterator]();
      await s.within(iterator.next(), "the first step");
      let thrown: unknown;
      try {
        connection.source.take();
      } catch (error) {
        thrown = error;
      }
      checkWsError(thrown, "take() during a for await", "READER_BUSY");
      const waiting = started(() => connection.source.readable(), "readable()");
      checkWsError(
        await s.rejection(waiting, "readable() during a for await"),
        "readable()",
        "READER_BUSY",
      );
      await s.within(finish(iterator), "return()");
    },
  ),

  define(
    "reading: break leaves the loop, releases the source and leaves the connection alone",
    async (s) => {
      const { connection, peer } = await s.open();
      peer.send({ kind: "text", data: toUtf8("one") });
      peer.send({ kind: "text", data: toUtf8("two") });
      const loop = (async () => {
        for await (const frame of connection.source) return frame;
        return undefined;
      })();
      const first = await s.within(loop, "the loop");
      check(first !== undefined, "the loop saw no frame");
      checkFrame(first, "text", toUtf8("one"), "the first frame");
      checkFrame(
        await s.take(connection),
        "text",
        toUtf8("two"),
        "the second frame, taken after the loop",
      );
      await s.checkAlive({ connection, peer });
    },
  ),

  define("reading: return() ends a step that waits", async (s) => {
    const { connection, peer } = await s.open();
    const iterator = connection.source[Symbol.asyncIterator]();
    const step = settlement(iterator.next());
    await s.within(finish(iterator), "return() while a step waits");
    const outcome = await s.within(step, "the step that waited");
    check(
      outcome.kind === "resolved" && outcome.value.done === true,
      "the step that waited did not end the loop",
    );
    await s.checkAlive({ connection, peer });
  }),

  define(
    "reading: an aborted readable() rejects with the reason, and the source stays usable",
    async (s) => {
      const { connection, peer } = await s.open();
      const signal = new ProbeSignal();
      const reason = { why: "no patience" };
      const waiting = started(() => connection.source.readable({ signal }), "readable()");
      signal.abort(reason);
      checkSame(await s.rejection(waiting, "the aborted readable()"), reason, "its reason");
      const again = started(() => connection.source.readable({ signal }), "readable()");
      checkSame(
        await s.rejection(again, "readable() with an aborted signal"),
        reason,
        "its reason",
      );
      checkSame(signal.listenerCount, 0, "listeners left on the signal");
      await s.checkAlive({ connection, peer });
    },
  ),

  define("reading: a readable() that has settled leaves no listener on its signal", async (s) => {
    const { connection, peer } = await s.open();
    const signal = new ProbeSignal();
    const waiting = started(() => connection.source.readable({ signal }), "readable()");
    peer.send({ kind: "text", data: toUtf8("one") });
    await s.within(waiting, "readable()");
    checkSame(signal.listenerCount, 0, "listeners left on the signal");
  }),
];

/**
 * `async`, so that refusing in `[Symbol.asyncIterator]()` and in the first step look the same, as
 * they do to a for await.
 */
async function iterateOnce(connection: WsConnection): Promise<void> {
  const iterator = connection.source[Symbol.asyncIterator]();
  await iterator.next();
}

async function finish(iterator: AsyncIterator<unknown>): Promise<void> {
  await iterator.return?.();
}
