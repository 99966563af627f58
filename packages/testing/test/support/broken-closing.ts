import { inConnection, inEvents } from "./faults.js";
import type { BrokenConnector } from "./faults.js";

export const BROKEN_CLOSING: readonly BrokenConnector[] = [
  {
    fault: "drops the close reason",
    wrap: inEvents((to) => ({ closed: (code) => to.closed(code, "") })),
    caught: ["closing: the peer's close is told"],
  },
  {
    fault: "reports a close without a code as 1000",
    wrap: inEvents((to) => ({
      closed: (code, reason) => to.closed(code === 1005 ? 1000 : code, reason),
    })),
    caught: ["closing: a close frame without a code"],
  },
  {
    fault: "ends without telling of the close frame",
    wrap: inEvents(() => ({ closed: () => undefined })),
    caught: ["closing: the peer's close is told", "closing: frames that came before the close"],
  },
  {
    fault: "tells of a close frame twice",
    wrap: inEvents((to) => ({
      closed: (code, reason) => {
        to.closed(code, reason);
        to.closed(code, reason);
      },
    })),
    caught: ["closing: the peer's close is told"],
  },
  {
    fault: "tells frames after the close frame",
    wrap: inEvents((to) => ({
      closed: (code, reason) => {
        to.closed(code, reason);
        to.frame({ kind: "text", data: new Uint8Array(0) });
      },
    })),
    caught: ["closing: the peer's close is told"],
  },
  {
    fault: "takes any close code and reason",
    wrap: inConnection((connection) => ({
      close: (code, reason) => {
        try {
          connection.close(code, reason);
        } catch {
          // As if nothing was wrong.
        }
      },
    })),
    caught: ["closing: an invalid code or reason"],
  },
  {
    fault: "destroys instead of closing",
    wrap: inConnection((connection) => ({ close: () => connection.destroy() })),
    caught: [
      "closing: close() sends code and reason",
      "closing: close() without arguments",
      "closing: what the peer sends before",
    ],
  },
  {
    fault: "closes with 1000 whatever it is told",
    wrap: inConnection((connection) => ({ close: () => connection.close(1000) })),
    caught: ["closing: close() sends code and reason", "closing: an invalid code or reason"],
  },
  {
    fault: "never tells that a closed connection has ended",
    wrap: inEvents((to) => ({
      ended: (error) => {
        if (error !== undefined) to.ended(error);
      },
    })),
    caught: ["closing: close() sends", "closing: destroy() ends a close()"],
  },
];
