import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { Identity } from "../support/certificates.js";

/** A REST API on loopback that answers as the test says. Stopped when the test is over. */
export interface RestServer {
  readonly url: string;
  /** What arrived, in order. */
  readonly requests: readonly IncomingMessage[];
  /** All connections, ended ones too. */
  readonly sockets: readonly Socket[];
}

export async function restServer(
  answer: (response: ServerResponse, request: IncomingMessage) => void,
  identity?: Identity,
): Promise<RestServer> {
  const requests: IncomingMessage[] = [];
  const sockets: Socket[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    answer(response, request);
  };
  const server: Server =
    identity === undefined ? createServer(listener) : createTlsServer({ ...identity }, listener);
  server.on("connection", (socket: Socket) => {
    sockets.push(socket);
    // Clients end connections in the middle here.
    socket.on("error", () => undefined);
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `${identity === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    requests,
    sockets,
  };
}

/** Resolves when all connections of a server are over. */
export async function allClosed(server: RestServer): Promise<void> {
  const open = server.sockets.filter(({ closed }) => !closed);
  await Promise.all(
    open.map((socket) => new Promise<unknown>((resolve) => socket.once("close", resolve))),
  );
}
