import type { WebSocket } from "ws";
import { openWs } from "../open-ws.js";
import type { OpenReceiver, Receiver } from "../receiver.js";

/** The row that all others are compared with. */
export const openReceiver: OpenReceiver = async (url, sink) => {
  const ws = await openWs(url);
  ws.on("message", (data: Buffer) => sink.frame(data));
  return wsReceiver(ws);
};

/** The same, and every message made a string. */
export const openTextReceiver: OpenReceiver = async (url, sink) => {
  const ws = await openWs(url);
  ws.on("message", (data: Buffer) => sink.frame(data.toString()));
  return wsReceiver(ws);
};

function wsReceiver(ws: WebSocket): Receiver {
  return {
    fault: () => (ws.readyState === ws.OPEN ? undefined : "the connection was lost"),
    close: async () => ws.terminate(),
  };
}
