import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Handshake, Lifecycle, LifecycleSnapshot, WsError } from "@oath-ws/contract";
import { isWsError } from "@oath-ws/contract";
import { LeafRecorder } from "@oath-ws/testing";
import { expect, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { webConnector } from "../../src/web-connector.js";
import type { WebConnectorOptions } from "../../src/web-connector-options.js";
import { FakeWebSocket } from "./fake-web-socket.js";

/** A handshake without headers or subprotocols, unless given. */
export function handshake(url: string, more: Partial<Handshake> = {}): Handshake {
  return { url, protocols: [], headers: {}, ...more };
}

/** A connection over a socket that the test plays. */
export async function fakeConnection(
  options: WebConnectorOptions = {},
): Promise<{ connection: LeafRecorder; socket: FakeWebSocket }> {
  const connecting = LeafRecorder.connect(
    webConnector({ WebSocket: FakeWebSocket, ...options }),
    handshake("wss://venue.test/feed"),
  );
  const socket = FakeWebSocket.last;
  socket.open();
  const connection = await connecting;
  onTestFinished(() => {
    connection.destroy();
    expect(connection.violations).toEqual([]);
  });
  return { connection, socket };
}

/**
 * A `ws` server on loopback, stopped when the test is over, and its sockets in the order of their
 * arrival.
 */
export interface TestServer {
  readonly url: string;
  readonly sockets: readonly WebSocket[];
  /** The socket of the `index`th connection, waited for. */
  socket(index: number): Promise<WebSocket>;
  /** Whether every handshake is refused from now on. */
  refuse(all: boolean): void;
}

export async function startServer(): Promise<TestServer> {
  let refuses = false;
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    verifyClient: () => !refuses,
  });
  const sockets: WebSocket[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  await once(server, "listening");
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    sockets,
    refuse: (all) => {
      refuses = all;
    },
    async socket(index) {
      while (sockets[index] === undefined) await once(server, "connection");
      return sockets[index];
    },
  };
}

/** What a promise rejects with, which must be a `WsError`. */
export async function wsErrorOf(promise: Promise<unknown>): Promise<WsError> {
  const error: unknown = await promise.then(
    () => new Error("it did not reject"),
    (reason: unknown) => reason,
  );
  if (!isWsError(error)) throw error;
  return error;
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
