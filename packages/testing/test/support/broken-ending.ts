import { ForwardedEvents } from "@oath-ws/resilience/leaf";
import { inConnection, inEvents, inSend, onFailure } from "./faults.js";
import type { BrokenConnector } from "./faults.js";

const ignore = (): void => undefined;

export const BROKEN_ENDING: readonly BrokenConnector[] = [
  {
    fault: "keeps the socket after destroy()",
    wrap: inConnection(() => ({ destroy: ignore })),
    caught: ["ending: destroy() drops the socket", "ending: destroy() may be called again"],
  },
  {
    fault: "destroys by a closing handshake",
    wrap: inConnection((connection) => ({ destroy: () => connection.close() })),
    caught: ["ending: destroy() drops the socket", "events: destroy() tells ended()"],
  },
  {
    fault: "throws when destroyed twice",
    wrap: inConnection((connection) => {
      let destroyed = false;
      return {
        destroy: () => {
          if (destroyed) throw new Error("destroyed already");
          destroyed = true;
          connection.destroy();
        },
      };
    }),
    caught: ["ending: destroy() may be called again"],
  },
  {
    fault: "leaves sends open when the connection ends",
    wrap: inSend((send) => (frame, outcome) => send(frame, onFailure(outcome, ignore))),
    caught: [
      "ending: destroy() settles sends",
      "ending: a reset settles sends",
      "closing: sends after the peer's close",
    ],
  },
  {
    fault: "reports sends as done that never left",
    wrap: inSend(
      (send) => (frame, outcome) =>
        send(
          frame,
          onFailure(outcome, () => outcome.sent()),
        ),
    ),
    caught: [
      "ending: destroy() settles sends",
      "ending: sends after destroy()",
      "closing: sends after close()",
    ],
  },
  {
    fault: "takes a reset for a wanted end",
    wrap: inEvents((to) => ({ ended: () => to.ended(undefined) })),
    caught: ["ending: a reset is told", "events: after a reset", "events: after the peer's close"],
  },
  {
    fault: "takes a wanted end for a loss",
    wrap: inEvents((to) => ({
      ended: (error) => to.ended(error ?? (new Error("lost") as never)),
    })),
    caught: ["events: destroy() tells ended()", "closing: close() sends code and reason"],
  },
  {
    fault: "tells the end before the frames that came before it",
    wrap: inEvents((to) => ({
      frame: (frame) => void Promise.resolve().then(() => setImmediate(() => to.frame(frame))),
    })),
    caught: ["ending: a reset is told", "closing: frames that came before the close"],
  },
  {
    fault: "sends nothing more once the peer stopped reading",
    wrap: inSend((send) => (frame, outcome) => {
      if (!(frame instanceof Uint8Array && frame.length > 500_000)) send(frame, outcome);
    }),
    caught: ["ending: sends that a peer holds up"],
  },
  {
    fault: "never says that the connection is over",
    wrap: inEvents(() => ({ ended: ignore })),
    caught: ["events: after the peer's close", "events: destroy() tells", "events: after a reset"],
  },
  {
    fault: "tells the end in a turn of its own",
    wrap: inEvents((to) => ({
      ended: (error) => queueMicrotask(() => to.ended(error)),
    })),
    caught: ["events: destroy() tells ended()"],
  },
  {
    fault: "tells the end twice",
    wrap: inEvents((to) => ({
      ended: (error) => {
        to.ended(error);
        to.ended(error);
      },
    })),
    caught: ["events: destroy() tells ended()", "events: after a reset"],
  },
  {
    fault: "tells that it is open only when connect() resolves",
    wrap: (connector) => ({
      connect: async (handshake, events, options) => {
        const late = Object.assign(new ForwardedEvents(events), { opened: ignore });
        const connection = await connector.connect(handshake, late, options);
        events.opened(connection);
        return connection;
      },
    }),
    caught: ["events: data that came with the upgrade", "frames: what came with the upgrade"],
  },
  {
    fault: "tells that it is open within the call of connect()",
    wrap: (connector) => ({
      connect: (handshake, events, options) => {
        events.opened(undefined as never);
        return connector.connect(handshake, events, options);
      },
    }),
    caught: ["events: opened() is not told within"],
  },
  {
    fault: "resolves with another connection than it told",
    wrap: (connector) => ({
      connect: async (handshake, events, options) => {
        const connection = await connector.connect(handshake, events, options);
        return Object.create(connection) as typeof connection;
      },
    }),
    caught: ["events: connect() resolves with"],
  },
  {
    fault: "goes on after it was destroyed within a frame",
    wrap: inEvents((to) => {
      let ended = false;
      return {
        frame: (frame) => {
          to.frame(frame);
          if (ended) to.frame(frame);
        },
        ended: (error) => {
          ended = true;
          to.ended(error);
        },
      };
    }),
    caught: ["events: a connection that is destroyed within frame()"],
  },
  {
    fault: "does not tell of its reads",
    wrap: inEvents(() => ({ read: ignore })),
    caught: ["events: read() comes before", "events: a part of a frame", "events: a ping is told"],
  },
  {
    fault: "counts complete frames only",
    wrap: inEvents((to) => {
      let at = 0;
      return {
        read: (readAt) => {
          at = readAt;
        },
        frame: (frame) => {
          to.read(at);
          to.frame(frame);
        },
      };
    }),
    caught: ["events: a part of a frame"],
  },
  {
    fault: "stamps its reads with another clock",
    wrap: inEvents((to) => ({ read: () => to.read(Date.now()) })),
    caught: ["events: read() comes before", "events: a ping is told"],
  },
  {
    fault: "does not know what waits",
    wrap: inConnection(() => ({ bufferedBytes: 0 })),
    caught: ["events: bufferedBytes counts"],
  },
  {
    fault: "counts everything that was ever sent",
    wrap: inConnection(() => ({ bufferedBytes: 7 })),
    caught: ["events: bufferedBytes is 0"],
  },
  {
    fault: "keeps the headers as the server wrote them",
    wrap: inConnection(() => ({ headers: { "Set-Cookie": "a" } })),
    caught: ["events: the upgrade's headers"],
  },
];
