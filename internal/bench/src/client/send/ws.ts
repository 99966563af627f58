import type { WebSocket } from "ws";
import { openWs } from "../open-ws.js";
import type { OpenSender } from "./index.js";

/** One callback for all: the cheapest way to learn that the frames have left. */
export const openSender: OpenSender = async (url) => {
  const ws = await openWs(url);
  return {
    sendBatch: (text, count) =>
      new Promise((resolve, reject) => {
        let left = count;
        const onSent = (error?: Error | null): void => {
          if (error !== undefined && error !== null) reject(error);
          else if (--left === 0) resolve();
        };
        for (let i = 0; i < count; i++) ws.send(text, onSent);
      }),
    close: async () => ws.terminate(),
  };
};

/**
 * A promise per frame, as anybody would write it: what knowing the fate of each frame costs at
 * least.
 */
export const openPromiseSender: OpenSender = async (url) => {
  const ws = await openWs(url);
  return {
    async sendBatch(text, count) {
      const sends = new Array<Promise<void>>(count);
      for (let i = 0; i < count; i++) sends[i] = sendOne(ws, text);
      await Promise.all(sends);
    },
    close: async () => ws.terminate(),
  };
};

function sendOne(ws: WebSocket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    ws.send(text, (error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
}
