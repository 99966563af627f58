import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import type { ServerOptions, WebSocket } from "ws";

/** A real server on loopback, stopped when the test is over. */
export interface TestServer {
  readonly url: string;
  /** Upgrade requests so far, refused ones included. */
  readonly requests: readonly IncomingMessage[];
  /** The connections, in the order of their arrival. */
  readonly sockets: readonly WebSocket[];
  /** The `index`th connection, waited for. */
  socket(index: number): Promise<WebSocket>;
  /** Answers the next requests with these statuses instead of upgrading; `undefined` upgrades. */
  refuse(...statuses: readonly (number | undefined)[]): void;
  /** Answers the next request with this status line and these headers. */
  answer(head: string): void;
  /** Calls back with every connection, before its first message. */
  onConnection(listener: (socket: WebSocket) => void): void;
}

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const sockets: WebSocket[] = [];
  const refusals: (string | undefined)[] = [];
  const http = createServer();
  const server = new WebSocketServer({ ...options, noServer: true });
  http.on("upgrade", (request: IncomingMessage, stream: Duplex, early: Buffer) => {
    requests.push(request);
    stream.on("error", () => undefined);
    const head = refusals.shift();
    if (head !== undefined) {
      stream.end(`HTTP/1.1 ${head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    server.handleUpgrade(request, stream, early, (socket) => {
      socket.on("error", () => undefined);
      sockets.push(socket);
      server.emit("connection", socket);
    });
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
    http.closeAllConnections();
    http.close();
  });
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/feed`,
    requests,
    sockets,
    async socket(index) {
      while (sockets[index] === undefined) await once(server, "connection");
      return sockets[index];
    },
    refuse: (...statuses) =>
      refusals.push(
        ...statuses.map((status) => (status === undefined ? undefined : `${status} No`)),
      ),
    answer: (head) => refusals.push(head),
    onConnection: (listener) => server.on("connection", listener),
  };
}

/** The TCP socket under a server-side WebSocket; `ws` has no public name for it. */
export function tcpOf(socket: WebSocket): Socket {
  return (socket as unknown as { _socket: Socket })._socket;
}

/** What the function throws, which must be something. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
