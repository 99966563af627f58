import { on } from "node:events";
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

/**
 * The least that a reader who pulls can cost over `ws`: an array, and a promise when it is empty.
 * No bound, no stamp, nobody who watches.
 */
export const openQueuedReceiver: OpenReceiver = async (url, sink) => {
  const ws = await openWs(url);
  let queue: Buffer[] = [];
  let wake = (): void => undefined;
  ws.on("message", (data: Buffer) => {
    queue.push(data);
    if (queue.length === 1) wake();
  });
  const drain = async (): Promise<void> => {
    while (ws.readyState === ws.OPEN) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      const taken = queue;
      queue = [];
      for (const data of taken) sink.frame(data);
    }
  };
  void drain();
  return wsReceiver(ws);
};

/** Node's own way to iterate over an emitter. */
export const openForAwaitReceiver: OpenReceiver = async (url, sink) => {
  const ws = await openWs(url);
  const iterate = async (): Promise<void> => {
    for await (const [data] of on(ws, "message", { close: ["close"] })) sink.frame(data as Buffer);
  };
  void iterate();
  return wsReceiver(ws);
};

function wsReceiver(ws: WebSocket): Receiver {
  return {
    fault: () => (ws.readyState === ws.OPEN ? undefined : "the connection was lost"),
    close: async () => ws.terminate(),
  };
}
