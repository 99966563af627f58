import { WebsocketBuilder } from "websocket-ts";
import type { OpenReceiver } from "../receiver.js";
import { PlainWebSocket } from "./peer.js";

/** Defaults. It takes the WebSocket of the global object. */
export const openReceiver: OpenReceiver = (url, sink) =>
  new Promise((resolve, reject) => {
    Object.assign(globalThis, { WebSocket: PlainWebSocket });
    let closed = false;
    const client = new WebsocketBuilder(url)
      .onMessage((_, event) => sink.frame(event.data as string))
      .onClose(() => {
        closed = true;
        reject(new Error("the connection was lost"));
      })
      .onOpen(() => {
        resolve({
          fault: () => (closed ? "the connection was lost" : undefined),
          close: async () => client.close(),
        });
      })
      .build();
  });
