import { once } from "node:events";
import { WebSocket } from "ws";
import type { Connect, Connection } from "./connection.js";

/** A bare `ws` client with a listener. It offers no compression unless it is asked to. */
export function connectWs(reads: "data" | "text"): Connect {
  return async (url, sink, { deflate = false }) => {
    const ws = new WebSocket(url, { perMessageDeflate: deflate, maxPayload: 0 });
    if (reads === "data") ws.on("message", (data: Buffer) => sink(data));
    else ws.on("message", (data: Buffer) => sink(data.toString()));
    await once(ws, "open");
    return wsConnection(() => ws);
  };
}

/** What one writes by hand: dials again when the connection closes, with no limit and no wait. */
export const redialWs: Connect = async (url, sink) => {
  let ended = false;
  let ws: WebSocket;
  const dial = (): void => {
    ws = new WebSocket(url, { perMessageDeflate: false });
    ws.on("message", (data: Buffer) => sink(data));
    ws.on("error", () => undefined);
    ws.on("close", () => {
      if (!ended) dial();
    });
  };
  dial();
  const connection = wsConnection(() => ws);
  return {
    ...connection,
    fault: () => undefined,
    close: () => {
      ended = true;
      return connection.close();
    },
  };
};

function wsConnection(current: () => WebSocket): Connection {
  return {
    send: (text) => current().send(text),
    // One callback for all is the cheapest way to learn that frames have left.
    sendAll: (text, count) =>
      new Promise((resolve, reject) => {
        let left = count;
        const onSent = (error?: Error | null): void => {
          if (error !== undefined && error !== null) reject(error);
          else if (--left === 0) resolve();
        };
        for (let i = 0; i < count; i++) current().send(text, onSent);
      }),
    fault: () => (current().readyState === WebSocket.OPEN ? undefined : "the connection was lost"),
    close: () =>
      new Promise((resolve) => {
        current().on("close", () => resolve());
        current().terminate();
      }),
  };
}
