import { WebSocket, WebSocketStream } from "undici";
import type { OpenReceiver } from "../receiver.js";

/** The WebSocket that newer versions of Node have built in. */
export const openReceiver: OpenReceiver = (url, sink) =>
  new Promise((resolve, reject) => {
    const ws = new WebSocket(url);
    ws.onmessage = (event) => sink.frame(event.data as string);
    ws.onclose = () => reject(new Error("the connection was lost"));
    ws.onopen = () => {
      resolve({
        fault: () => (ws.readyState === WebSocket.OPEN ? undefined : "the connection was lost"),
        close: async () => ws.close(),
      });
    };
  });

/** Its stream, read in a loop. */
export const openStreamReceiver: OpenReceiver = async (url, sink) => {
  const stream = new WebSocketStream(url);
  const { readable } = await stream.opened;
  let ended = false;
  const reader = readable.getReader() as ReadableStreamDefaultReader<string>;
  const reading = (async () => {
    for (let next = await reader.read(); !next.done; next = await reader.read())
      sink.frame(next.value);
    ended = true;
  })();
  return {
    fault: () => (ended ? "the stream ended" : undefined),
    close: async () => {
      stream.close();
      await reading;
    },
  };
};
