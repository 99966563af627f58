import { changed, inConnection, inFrames, inSink, never } from "./faults.js";
import type { BrokenConnector } from "./faults.js";

export const BROKEN_FRAMES: readonly BrokenConnector[] = [
  {
    fault: "loses what came with the upgrade response",
    wrap: inConnection((connection) => {
      while (connection.source.take() !== undefined) {
        // As a listener attached too late would.
      }
      return connection;
    }),
    caught: ["frames: what came with the upgrade", "frames: a close that came with the upgrade"],
  },
  {
    fault: "cuts payloads at 64 KiB",
    wrap: inFrames((frame) =>
      frame.data.length > 65_536 ? { ...frame, data: frame.data.slice(0, 65_536) } : frame,
    ),
    caught: ["frames: text from the peer", "frames: binary from the peer"],
  },
  {
    fault: "swallows empty frames",
    wrap: inFrames((frame) => (frame.data.length === 0 ? undefined : frame)),
    caught: ["frames: text from the peer", "frames: binary from the peer"],
  },
  {
    fault: "turns text into binary",
    wrap: inFrames((frame) =>
      frame.kind === "text" ? { kind: "binary", data: frame.data } : frame,
    ),
    caught: ["frames: text from the peer", "frames: they arrive in the order"],
  },
  {
    fault: "reads every payload into the same buffer",
    wrap: (connector) => {
      const buffer = new Uint8Array(100_000);
      return inFrames((frame) => {
        buffer.set(frame.data);
        return { ...frame, data: buffer.subarray(0, frame.data.length) };
      })(connector);
    },
    caught: ["frames: whoever took a payload owns it"],
  },
  {
    fault: "sends the whole buffer behind a view",
    wrap: inSink((sink) => ({
      send: (frame, options) =>
        sink.send(frame instanceof Uint8Array ? new Uint8Array(frame.buffer) : frame, options),
    })),
    caught: ["frames: of a view into a larger buffer"],
  },
  {
    fault: "masks the sender's buffer in place",
    wrap: inSink((sink) => ({
      async send(frame, options) {
        await sink.send(frame, options);
        if (frame instanceof Uint8Array) frame.fill(1);
      },
    })),
    caught: ["frames: of a view into a larger buffer"],
  },
  {
    fault: "resolves a send before the bytes are copied",
    wrap: inSink((sink) => ({
      async send(frame, options) {
        await Promise.resolve();
        void new Promise((resolve) => setImmediate(resolve)).then(() => sink.send(frame, options));
      },
    })),
    caught: ["frames: once a send has settled"],
  },
  {
    fault: "lets binary frames overtake text",
    wrap: inSink((sink) => ({
      send: async (frame, options) => {
        if (!(frame instanceof Uint8Array) && typeof frame === "object" && frame?.kind === "text")
          await Promise.resolve();
        return sink.send(frame, options);
      },
    })),
    caught: ["frames: they leave in the order"],
  },
  {
    fault: "sends strings as binary",
    wrap: inSink((sink) => ({
      send: (frame, options) =>
        sink.send(typeof frame === "string" ? new TextEncoder().encode(frame) : frame, options),
    })),
    caught: ["frames: a string is sent as text"],
  },
  {
    fault: "never settles a send",
    wrap: inSink((sink) => ({
      send: (frame, options) => {
        void sink.send(frame, options).catch(() => {});
        return never;
      },
    })),
    caught: [
      "frames: a string is sent",
      "frames: they leave in the order",
      "ending: sends after destroy()",
    ],
  },
  {
    fault: "ignores the signal of a send",
    wrap: inSink((sink) => ({ send: (frame) => sink.send(frame) })),
    caught: ["frames: a send whose signal"],
  },
  {
    fault: "answers pings itself",
    wrap: inFrames((frame, { sink }) => {
      if (frame.kind === "ping") void sink.send({ kind: "pong", data: frame.data }).catch(() => {});
      return frame;
    }),
    caught: ["control: a ping is handed over"],
  },
  {
    fault: "swallows pings and pongs",
    wrap: inFrames((frame) => (frame.kind === "ping" || frame.kind === "pong" ? undefined : frame)),
    caught: [
      "control: a ping is handed over",
      "control: a ping reaches the peer",
      "lifecycle: a ping moves",
    ],
  },
  {
    fault: "sends pongs without their payload",
    wrap: inSink((sink) => ({
      send: (frame, options) => {
        const isPong =
          typeof frame === "object" && !(frame instanceof Uint8Array) && frame?.kind === "pong";
        return sink.send(isPong ? { kind: "pong", data: new Uint8Array(0) } : frame, options);
      },
    })),
    caught: ["control: a pong reaches the peer", "control: a payload of more than 125 bytes"],
  },
  {
    fault: "claims to have no control frames",
    wrap: inConnection((connection) => changed(connection, { controlFrames: false })),
    caught: ["control: the connection says"],
  },
  {
    fault: "makes a close() of a close frame",
    wrap: inSink((sink) => ({
      send: (frame, options) => {
        if (
          typeof frame === "object" &&
          frame !== null &&
          "kind" in frame &&
          frame.kind === "close"
        )
          return sink.close();
        return sink.send(frame, options);
      },
    })),
    caught: ["control: a close frame cannot be sent"],
  },
  {
    fault: "throws for what is no frame",
    wrap: inSink((sink) => ({
      send: (frame, options) => {
        if (
          typeof frame !== "string" &&
          !(frame instanceof Uint8Array) &&
          !(frame.data instanceof Uint8Array)
        )
          throw new TypeError("no");
        return sink.send(frame, options);
      },
    })),
    caught: ["control: what is no frame"],
  },
];
