import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { ConnectOptions, Frame, Handshake, WsConnector, WsError } from "@oath-ws/contract";
import { isWsError } from "@oath-ws/contract";
import { LeafRecorder } from "@oath-ws/testing";
import { expect, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import type { ServerOptions, WebSocket } from "ws";
import { wsConnector } from "../../src/ws/ws-connector.js";
import type { WsConnectorOptions } from "../../src/options/ws-connector-options.js";
import { RawPeer, rawServer } from "./raw-server.js";
import type { RawServer } from "./raw-server.js";

/** A handshake without headers or subprotocols, unless given. */
export function handshake(url: string, more: Partial<Handshake> = {}): Handshake {
  return { url, protocols: [], headers: {}, ...more };
}

/** Connects, and drops the connection and checks its events when the test is over. */
export async function connect(
  connector: WsConnector,
  to: string | Handshake,
  options?: ConnectOptions,
): Promise<LeafRecorder> {
  const shaken = typeof to === "string" ? handshake(to) : to;
  const leaf = await LeafRecorder.connect(connector, shaken, options);
  onTestFinished(() => {
    leaf.destroy();
    expect(leaf.violations).toEqual([]);
  });
  return leaf;
}

/**
 * A connection to a server that the test writes by hand. `early` goes out in one packet with the
 * 101.
 */
export async function rawPair(
  options: WsConnectorOptions & {
    early?: Uint8Array;
    server?: Parameters<typeof rawServer>[0];
  } = {},
): Promise<{ connection: LeafRecorder; peer: RawPeer; server: RawServer }> {
  const { early, server: serverOptions, ...connectorOptions } = options;
  const server = await rawServer(serverOptions);
  const connecting = connect(wsConnector(connectorOptions), server.url);
  const peer = new RawPeer(await server.next());
  await peer.upgrade(early);
  return { connection: await connecting, peer, server };
}

/** A `ws` server on loopback, stopped when the test is over. */
export async function wsServer(
  options: ServerOptions = {},
): Promise<{ url: string; server: WebSocketServer }> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...options });
  await once(server, "listening");
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

/** A connection to a `ws` server, and the server's end of it. */
export async function wsPair(
  options: { connector?: WsConnectorOptions; server?: ServerOptions } = {},
): Promise<{ connection: LeafRecorder; peer: WebSocket }> {
  const { url, server } = await wsServer(options.server);
  const accepted = once(server, "connection") as Promise<[WebSocket]>;
  const connection = await connect(wsConnector(options.connector), url);
  return { connection, peer: (await accepted)[0] };
}

/** A frame in a form that is easy to compare. */
export type Plain = readonly [kind: string, data: string, code?: number];

/** Reads to the end: the frames, and the error the source ended with, if any. */
export async function readAll(
  connection: LeafRecorder,
): Promise<{ frames: Plain[]; error: WsError | undefined }> {
  const frames: Plain[] = [];
  try {
    for await (const frame of connection.source) frames.push(plain(frame));
  } catch (error) {
    if (!isWsError(error)) throw error;
    return { frames, error };
  }
  return { frames, error: undefined };
}

/** The next frame. */
export async function nextFrame(connection: LeafRecorder): Promise<Plain> {
  const more = await connection.source.readable();
  const frame = connection.source.take();
  if (!more || frame === undefined) throw new Error("the source ended");
  return plain(frame);
}

function plain(frame: Frame): Plain {
  const data = Buffer.from(frame.data).toString("latin1");
  return frame.kind === "close" ? [frame.kind, data, frame.code] : [frame.kind, data];
}

/** What a promise rejects with, which must be a `WsError`. */
export async function wsErrorOf(promise: Promise<unknown>): Promise<WsError> {
  const error: unknown = await promise.then(
    () => new Error("it did not reject"),
    (reason: unknown) => reason,
  );
  if (!isWsError(error)) throw error;
  expect(error.message).not.toContain("\n");
  return error;
}
