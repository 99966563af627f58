import { inFrames, inSink, inSource, never } from "./faults.js";
import type { BrokenConnector } from "./faults.js";

export const BROKEN_CLOSING: readonly BrokenConnector[] = [
  {
    fault: "iterates by taking, without holding the source",
    wrap: inSource((source) => ({
      async *[Symbol.asyncIterator]() {
        while (await source.readable()) {
          const frame = source.take();
          if (frame !== undefined) yield frame;
        }
      },
    })),
    caught: ["reading: take() and readable() are refused", "reading: return() ends a step"],
  },
  {
    fault: "lets any number of readers wait",
    wrap: inSource((source) => {
      let waiting: Promise<boolean> | undefined;
      return {
        readable: () =>
          (waiting ??= source.readable().finally(() => {
            waiting = undefined;
          })),
      };
    }),
    caught: ["reading: a second readable()", "reading: an aborted readable()"],
  },
  {
    fault: "destroys the connection when a loop is left",
    wrap: inSource((source, connection) => ({
      [Symbol.asyncIterator]: () => {
        const inner = source[Symbol.asyncIterator]();
        return {
          next: () => inner.next(),
          return: async () => {
            connection.destroy();
            return (await inner.return?.()) ?? { done: true, value: undefined };
          },
        };
      },
    })),
    caught: ["reading: break leaves the loop"],
  },
  {
    fault: "does not release the source when a loop is left",
    wrap: inSource((source) => ({
      [Symbol.asyncIterator]: () => {
        const inner = source[Symbol.asyncIterator]();
        return { next: () => inner.next() };
      },
    })),
    caught: ["reading: break leaves the loop", "reading: return() ends a step"],
  },
  {
    fault: "says that there is something to read when there is not",
    wrap: inSource(() => ({ readable: () => Promise.resolve(true) })),
    caught: ["reading: take() gives nothing", "ending: destroy() drops the socket"],
  },
  {
    fault: "drops the close reason",
    wrap: inFrames((frame) =>
      frame.kind === "close" ? { ...frame, data: new Uint8Array(0) } : frame,
    ),
    caught: ["closing: the peer's close is handed over"],
  },
  {
    fault: "reports a close without a code as 1000",
    wrap: inFrames((frame) =>
      frame.kind === "close" && frame.code === 1005 ? { ...frame, code: 1000 } : frame,
    ),
    caught: ["closing: a close frame without a code"],
  },
  {
    fault: "ends without showing the close frame",
    wrap: inFrames((frame) => (frame.kind === "close" ? undefined : frame)),
    caught: [
      "closing: the peer's close is handed over",
      "closing: frames that came before the close",
    ],
  },
  {
    fault: "resolves close() before the handshake is done",
    wrap: inSink((sink) => ({
      close: (code, reason) => {
        void sink.close(code, reason).catch(() => {});
        return Promise.resolve();
      },
    })),
    caught: ["closing: an invalid code or reason"],
  },
  {
    fault: "destroys instead of closing",
    wrap: inSink((_, connection) => ({
      close: () => {
        connection.destroy();
        return Promise.resolve();
      },
    })),
    caught: [
      "closing: close() sends code and reason",
      "closing: close() without arguments",
      "closing: what the peer sends before",
    ],
  },
  {
    fault: "closes with 1000 whatever it is told",
    wrap: inSink((sink) => ({ close: () => sink.close(1000) })),
    caught: ["closing: close() sends code and reason", "closing: an invalid code or reason"],
  },
  {
    fault: "never settles close()",
    wrap: inSink((sink) => ({
      close: (code, reason) => {
        void sink.close(code, reason).catch(() => {});
        return never;
      },
    })),
    caught: [
      "closing: close() sends",
      "closing: destroy() settles a close()",
      "ending: sends after destroy()",
      "ending: after a reset",
    ],
  },
];
