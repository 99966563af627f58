import { inConnection, inEvents, inFrames, inSend } from "./faults.js";
import type { BrokenConnector } from "./faults.js";

export const BROKEN_FRAMES: readonly BrokenConnector[] = [
  {
    fault: "loses what came with the upgrade response",
    wrap: inEvents((to) => {
      let early = true;
      return {
        opened: (connection) => {
          to.opened(connection);
          // As a listener attached too late would.
          void Promise.resolve().then(() => {
            early = false;
          });
        },
        frame: (frame) => {
          if (!early) to.frame(frame);
        },
        closed: (code, reason) => {
          if (!early) to.closed(code, reason);
        },
      };
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
    caught: ["frames: the reader of a payload owns it"],
  },
  {
    fault: "sends the whole buffer behind a view",
    wrap: inSend(
      (send) => (frame, outcome) =>
        send(frame instanceof Uint8Array ? new Uint8Array(frame.buffer) : frame, outcome),
    ),
    caught: ["frames: of a view into a larger buffer"],
  },
  {
    fault: "masks the sender's buffer in place",
    wrap: inSend((send) => (frame, outcome) => {
      send(frame, outcome);
      if (frame instanceof Uint8Array) frame.fill(1);
    }),
    caught: ["frames: of a view into a larger buffer"],
  },
  {
    fault: "settles a send before the bytes are copied",
    wrap: inSend((send) => (frame, outcome) => {
      const ignored = { sent: () => undefined, failed: () => undefined };
      void Promise.resolve().then(() => {
        void new Promise((resolve) => setImmediate(resolve)).then(() => send(frame, ignored));
        outcome.sent();
      });
    }),
    caught: ["frames: once a send has settled"],
  },
  {
    fault: "lets binary frames overtake text",
    wrap: inSend((send) => (frame, outcome) => {
      if (!(frame instanceof Uint8Array) && typeof frame === "object" && frame?.kind === "text")
        void Promise.resolve().then(() => send(frame, outcome));
      else send(frame, outcome);
    }),
    caught: ["frames: they leave in the order"],
  },
  {
    fault: "sends strings as binary",
    wrap: inSend(
      (send) => (frame, outcome) =>
        send(typeof frame === "string" ? new TextEncoder().encode(frame) : frame, outcome),
    ),
    caught: ["frames: a string is sent as text"],
  },
  {
    fault: "never settles a send",
    wrap: inSend((send) => (frame) => {
      send(frame, { sent: () => undefined, failed: () => undefined });
    }),
    caught: [
      "frames: a string is sent",
      "frames: they leave in the order",
      "ending: sends after destroy()",
    ],
  },
  {
    fault: "settles a send twice",
    wrap: inSend((send) => (frame, outcome) => {
      send(frame, {
        sent: () => {
          outcome.sent();
          outcome.sent();
        },
        failed: (error) => outcome.failed(error),
      });
    }),
    caught: ["frames: a string is sent"],
  },
  {
    fault: "answers pings itself",
    wrap: inFrames((frame, connection) => {
      const ignored = { sent: () => undefined, failed: () => undefined };
      if (frame.kind === "ping") connection.send({ kind: "pong", data: frame.data }, ignored);
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
      "events: a ping is told",
    ],
  },
  {
    fault: "sends pongs without their payload",
    wrap: inSend((send) => (frame, outcome) => {
      const isPong =
        typeof frame === "object" && !(frame instanceof Uint8Array) && frame?.kind === "pong";
      send(isPong ? { kind: "pong", data: new Uint8Array(0) } : frame, outcome);
    }),
    caught: ["control: a pong reaches the peer", "control: a payload of more than 125 bytes"],
  },
  {
    fault: "claims to have no control frames",
    wrap: inConnection(() => ({ controlFrames: false })),
    caught: ["control: the connection says"],
  },
  {
    fault: "makes a close() of a close frame",
    wrap: inSend((send, connection) => (frame, outcome) => {
      const isClose = typeof frame === "object" && frame !== null && "kind" in frame;
      if (isClose && frame.kind === "close") {
        connection.close();
        outcome.sent();
      } else send(frame, outcome);
    }),
    caught: ["control: a close frame cannot be sent"],
  },
  {
    fault: "throws for what is no frame",
    wrap: inSend((send) => (frame, outcome) => {
      if (
        typeof frame !== "string" &&
        !(frame instanceof Uint8Array) &&
        !(frame?.data instanceof Uint8Array)
      )
        throw new TypeError("no");
      send(frame, outcome);
    }),
    caught: ["control: what is no frame"],
  },
];
