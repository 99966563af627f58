import type { Lifecycle } from "@oath-ws/contract";
import { changed, inConnection, inLifecycle, inSink, inSource, never } from "./faults.js";
import type { BrokenConnector } from "./faults.js";

export const BROKEN_ENDING: readonly BrokenConnector[] = [
  {
    fault: "keeps the socket after destroy()",
    wrap: inConnection((connection) => changed(connection, { destroy: () => {} })),
    caught: [
      "ending: destroy() drops the socket",
      "ending: destroy() may be called again",
      "ending: destroy() ends a readable()",
    ],
  },
  {
    fault: "destroys by a closing handshake",
    wrap: inConnection((connection) =>
      changed(connection, {
        destroy: () => {
          void connection.sink.close();
        },
      }),
    ),
    caught: ["ending: destroy() drops the socket", "ending: destroy() ends a readable()"],
  },
  {
    fault: "throws when destroyed twice",
    wrap: inConnection((connection) => {
      let destroyed = false;
      return changed(connection, {
        destroy: () => {
          if (destroyed) throw new Error("destroyed already");
          destroyed = true;
          connection.destroy();
        },
      });
    }),
    caught: ["ending: destroy() may be called again"],
  },
  {
    fault: "leaves sends open when the connection ends",
    wrap: inSink((sink) => ({
      send: (frame, options) => sink.send(frame, options).catch(() => never),
    })),
    caught: [
      "ending: destroy() settles sends",
      "ending: a reset settles sends",
      "closing: sends after the peer's close",
    ],
  },
  {
    fault: "reports sends as done that never left",
    wrap: inSink((sink) => ({
      send: (frame, options) => sink.send(frame, options).catch(() => {}),
    })),
    caught: [
      "ending: destroy() settles sends",
      "ending: sends after destroy()",
      "closing: sends after close()",
    ],
  },
  {
    fault: "takes a reset for a clean end",
    wrap: inSource((source) => ({
      readable: (options) => source.readable(options).catch(() => false),
    })),
    caught: ["ending: a reset fails the source", "ending: a reset rejects"],
  },
  {
    fault: "drops the frames that came before a reset",
    wrap: inSource((source, { lifecycle }) => ({
      take: () => {
        const frame = source.take();
        return lifecycle.snapshot.phase === "closed" ? undefined : frame;
      },
    })),
    caught: ["ending: a reset fails the source", "closing: frames that came before the close"],
  },
  {
    fault: "sends nothing more once the peer stopped reading",
    wrap: inSink((sink) => ({
      send: (frame, options) =>
        frame instanceof Uint8Array && frame.length > 500_000 ? never : sink.send(frame, options),
    })),
    caught: ["ending: sends that a peer holds up"],
  },
  {
    fault: "never says that the connection is over",
    wrap: inLifecycle((lifecycle) => {
      const { snapshot } = lifecycle;
      return { snapshot, changed: () => never };
    }),
    caught: [
      "lifecycle: it begins connected",
      "lifecycle: changed() waits",
      "lifecycle: after a reset",
    ],
  },
  {
    fault: "does not say why the connection ended",
    wrap: inLifecycle((lifecycle) => ({
      get snapshot() {
        const { snapshot } = lifecycle;
        return snapshot.cause === undefined ? snapshot : { ...snapshot, cause: undefined };
      },
    })),
    caught: ["lifecycle: it begins connected", "lifecycle: after a reset"],
  },
  {
    fault: "makes a new snapshot for every look",
    wrap: inLifecycle((lifecycle) => ({
      get snapshot() {
        return { ...lifecycle.snapshot };
      },
    })),
    caught: ["lifecycle: it begins connected"],
  },
  {
    fault: "loses the reason of an aborted changed()",
    wrap: inLifecycle((lifecycle) => ({
      changed: (options) =>
        lifecycle.changed(options).catch(() => {
          throw new Error("aborted");
        }),
    })),
    caught: ["lifecycle: an aborted changed()"],
  },
  {
    fault: "calls listeners from inside destroy()",
    wrap: inConnection((connection) => {
      const listeners: (() => void)[] = [];
      const { lifecycle } = connection;
      const broken = Object.create(lifecycle, {
        snapshot: { get: () => lifecycle.snapshot },
        changed: { value: () => lifecycle.changed() },
        subscribe: { value: (listener: () => void) => listeners.push(listener) },
      }) as Lifecycle;
      return changed(connection, {
        lifecycle: broken,
        destroy: () => {
          connection.destroy();
          for (const listener of listeners.splice(0)) listener();
        },
      });
    }),
    caught: [
      "lifecycle: a listener is called after the end",
      "lifecycle: a listener that unsubscribed",
    ],
  },
  {
    fault: "calls a listener once per field that changed",
    wrap: inLifecycle((lifecycle) => ({
      subscribe: (listener) =>
        lifecycle.subscribe(() => {
          listener();
          listener();
        }),
    })),
    caught: ["lifecycle: a listener is called after the end"],
  },
  {
    fault: "takes anything that arrives for data",
    wrap: inLifecycle((lifecycle) => ({
      get lastDataAt() {
        return lifecycle.lastInboundAt;
      },
    })),
    caught: ["lifecycle: a ping moves lastInboundAt and not", "lifecycle: a part of a frame"],
  },
  {
    fault: "counts complete frames only",
    wrap: inLifecycle((lifecycle) => ({
      get lastInboundAt() {
        return lifecycle.lastDataAt;
      },
    })),
    caught: ["lifecycle: a part of a frame", "lifecycle: a ping moves"],
  },
  {
    fault: "calls a dead connection fresh",
    wrap: inLifecycle((lifecycle) => ({ isFresh: () => lifecycle.lastDataAt !== undefined })),
    caught: ["lifecycle: lastDataAt and lastInboundAt"],
  },
];
