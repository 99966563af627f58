import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import type { Lifecycle, LifecycleSnapshot } from "oath-ws";
import { WebSocketServer } from "ws";
import type { ServerOptions, WebSocket } from "ws";

/** A real server on loopback, and its sockets in the order of their arrival. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly server: WebSocketServer;
  readonly sockets: readonly WebSocket[];
  /** The socket of the `index`th connection, waited for. */
  socket(index: number): Promise<WebSocket>;
}

export async function startServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const { host = "127.0.0.1" } = options;
  const server = new WebSocketServer({ host, port: 0, ...options });
  const sockets: WebSocket[] = [];
  server.on("connection", (socket) => {
    socket.on("error", () => undefined);
    sockets.push(socket);
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://${host}:${port}`,
    server,
    sockets,
    async socket(index) {
      while (sockets[index] === undefined) await once(server, "connection");
      return sockets[index];
    },
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/**
 * The raw TCP socket under a server-side WebSocket, for RST and the like; `ws` has no public name
 * for it.
 */
export function rawSocket(socket: WebSocket): Socket {
  return (socket as unknown as { _socket: Socket })._socket;
}

/** Resolves once the lifecycle satisfies the condition; rejects when it ends without. */
export async function until(
  lifecycle: Lifecycle,
  condition: (snapshot: LifecycleSnapshot) => boolean,
): Promise<void> {
  while (!condition(lifecycle.snapshot)) {
    if (
      !(await lifecycle.changed({ since: lifecycle.snapshot })) &&
      !condition(lifecycle.snapshot)
    ) {
      throw new Error(`the connection ended first: ${lifecycle.snapshot.phase}`);
    }
  }
}
