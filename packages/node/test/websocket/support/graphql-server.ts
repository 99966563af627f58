import type { WebSocket } from "ws";
import { startServer } from "./server.js";
import type { TestServer } from "./server.js";

/** A server that speaks graphql-transport-ws, as far as one endless subscription needs. */
export interface GraphqlServer extends TestServer {
  /** Connections that are open now. */
  readonly openCount: number;
  /** Sends a value to every subscription of a connection. */
  next(socket: WebSocket, value: number): void;
  /** Resolves when the `index`th connection has a subscription. */
  subscribed(index: number): Promise<WebSocket>;
}

interface Message {
  readonly type: string;
  readonly id?: string;
}

export async function startGraphqlServer(): Promise<GraphqlServer> {
  const server = await startServer({ handleProtocols: () => "graphql-transport-ws" });
  const ids = new Map<WebSocket, string>();
  const waiting = new Set<() => void>();
  const open = new Set<WebSocket>();
  server.onConnection((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("message", (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Message;
      if (message.type === "connection_init") socket.send('{"type":"connection_ack"}');
      else if (message.type === "subscribe" && message.id !== undefined)
        ids.set(socket, message.id);
      for (const check of waiting) check();
    });
  });
  return {
    ...server,
    get openCount() {
      return open.size;
    },
    next(socket, value) {
      socket.send(
        JSON.stringify({ type: "next", id: ids.get(socket), payload: { data: { tick: value } } }),
      );
    },
    async subscribed(index) {
      const socket = await server.socket(index);
      while (!ids.has(socket)) {
        await new Promise<void>((resolve) => {
          waiting.add(resolve);
        });
      }
      return socket;
    },
  };
}
