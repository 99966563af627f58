import { PLAIN_DIALECT, plainId } from "@oath-ws/cli/soak";
import type { SoakDriver } from "@oath-ws/cli/soak";
import { ArrayQueue, ConstantBackoff, WebsocketBuilder } from "websocket-ts";
import { WebSocket } from "ws";

/**
 * It has no backoff of its own and does not reconnect without one; its README's example is a
 * second, and a queue for what is sent meanwhile.
 */
const BACKOFF_MS = 1_000;

const driver: SoakDriver = {
  title: "websocket-ts",
  dialect: PLAIN_DIALECT,
  notes: {
    all:
      "with the constant backoff of 1 s and the queue of its README; it takes the WebSocket of " +
      "the global object",
  },
  start: ({ url, frame, said }) => {
    Object.assign(globalThis, { WebSocket });
    const socket = new WebsocketBuilder(url)
      .withBackoff(new ConstantBackoff(BACKOFF_MS))
      .withBuffer(new ArrayQueue())
      .onMessage((_, { data }) => void frame(plainId(String(data)), data))
      .onClose((_, { code }) => said("down", `close ${code}`))
      .onError(() => said("down", "error"))
      .build();
    return { send: (text) => socket.send(text) };
  },
};

export default driver;
