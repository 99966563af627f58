import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { readFileSync } from "node:fs";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { monotonicNs } from "../clock.js";
import { serve } from "../child.js";
import type { EventKind, Spreading } from "../model.js";
import { TRADE_BYTES } from "../model.js";
import { block, writeStamp } from "../payload.js";
import type { Block } from "../payload.js";
import { eventChunks } from "./events.js";
import type { Encoding } from "./events.js";
import { flood, write } from "./flood.js";
import { pace, spread } from "./pace.js";

/**
 * The sending process. npm `ws` answers upgrades, pings and closes; whatever is measured is written
 * past it to the socket, from frames that were encoded before. Connections are known by their path:
 * under `/echo` each message is sent back, under `/greet` a connection is greeted and reset,
 * `/stream` is the venue, and all others wait for orders.
 */
export interface FeederApi {
  /** Base URLs. `wss` is absent without a certificate. */
  urls(_: null): Promise<{ readonly ws: string; readonly wss?: string }>;
  flood(order: FloodOrder): Promise<void>;
  /** Writes the events of a round to the next connection that subscribed. */
  events(order: { readonly event: EventKind; readonly encoding: Encoding }): Promise<void>;
  pace(order: PaceOrder): Promise<void>;
  spread(order: SpreadOrder): Promise<void>;
  /** Begins to count what comes from a connection, instead of reading it. */
  count(order: { readonly path: string; readonly bytes: number }): Promise<void>;
  /** When the last of those bytes came, in nanoseconds of the shared clock. */
  counted(order: { readonly path: string }): Promise<number>;
}

interface FloodOrder {
  readonly path: string;
  readonly size: number;
  readonly deflate: boolean;
  readonly count: number;
}

interface PaceOrder {
  readonly path: string;
  readonly perSecond: number;
  readonly count: number;
}

interface SpreadOrder extends Spreading {
  /** Connections are known as `path/0`, `path/1` and so on. */
  readonly path: string;
  readonly count: number;
}

/**
 * Serves the parent.
 *
 * @param identity a PEM file with a certificate and its key, for `wss`
 */
export async function serveFeeder(identity: string | undefined): Promise<void> {
  const peers = new Map<string, Socket>();
  const counts = new Map<string, Promise<number>>();
  const blocks = new Map<string, Block>();
  const encoded = new Map<string, readonly Buffer[]>();
  const venue = new Venue();

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 0,
    perMessageDeflate: { serverNoContextTakeover: true, clientNoContextTakeover: true },
  });
  const listen = async (server: Server): Promise<number> => {
    server.on("upgrade", (request, stream, head) => {
      const socket = stream as Socket;
      socket.on("error", () => undefined);
      sockets.handleUpgrade(request, socket, head, (ws) => {
        ws.on("error", () => undefined);
        accept(ws, request, socket);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen({ host: "127.0.0.1", port: 0, backlog: 1_024 }, resolve);
    });
    return (server.address() as AddressInfo).port;
  };
  const accept = (ws: WebSocket, { url = "" }: IncomingMessage, socket: Socket): void => {
    if (url.startsWith("/echo")) ws.on("message", (data, binary) => ws.send(data, { binary }));
    else if (url.startsWith("/greet")) greet(ws, url, socket);
    else if (url.startsWith("/stream")) venue.accept(ws, socket);
    peers.set(url, socket);
    ws.on("close", () => {
      if (peers.get(url) === socket) peers.delete(url);
    });
  };
  const peer = (path: string): Socket => {
    const found = peers.get(path);
    if (found === undefined) throw new Error(`no connection has asked for ${path}`);
    return found;
  };

  const ws = `ws://127.0.0.1:${await listen(createServer())}`;
  const pem = identity === undefined ? undefined : readFileSync(identity, "utf8");
  const secure =
    pem && (await listen(createSecureServer({ key: pem, cert: pem, minVersion: "TLSv1.3" })));

  serve<FeederApi>({
    urls: async () => ({
      ws,
      ...(secure === undefined ? {} : { wss: `wss://127.0.0.1:${secure}` }),
    }),
    flood: ({ path, size, deflate, count }) => {
      const key = `${size} ${deflate}`;
      const frames = blocks.get(key) ?? block(size, deflate);
      blocks.set(key, frames);
      return flood(peer(path), frames, count);
    },
    events: async ({ event, encoding }) => {
      const key = `${event} ${encoding}`;
      const chunks = encoded.get(key) ?? eventChunks(event, encoding);
      encoded.set(key, chunks);
      const socket = await venue.nextSubscriber();
      for (const chunk of chunks) await write(socket, chunk);
    },
    pace: ({ path, perSecond, count }) => pace(peer(path), perSecond, count),
    spread: ({ path, count, ...spreading }) => {
      const { connections } = spreading;
      const receivers = Array.from({ length: connections }, (_, i) => peer(`${path}/${i}`));
      return spread(receivers, spreading, count);
    },
    count: async ({ path, bytes }) => void counts.set(path, arrivalOf(peer(path), bytes)),
    counted: ({ path }) => counts.get(path) ?? Promise.reject(new Error(`${path} is not counted`)),
  });
}

/** Takes the socket from `ws`: frames of a client cost far less to count than to parse. */
function arrivalOf(socket: Socket, bytes: number): Promise<number> {
  socket.removeAllListeners("data");
  let left = bytes;
  return new Promise((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (left <= 0) resolve(monotonicNs());
    });
  });
}

/** When the last connection of each path was reset, in nanoseconds. */
const resetAt = new Map<string, number>();

/**
 * Sends a frame that is stamped with the reset of the connection before, and resets this one when
 * the client says anything.
 */
function greet(ws: WebSocket, path: string, socket: Socket): void {
  const { bytes, frameBytes } = block(TRADE_BYTES, false, 1);
  writeStamp(bytes, frameBytes - TRADE_BYTES, resetAt.get(path) ?? 0);
  socket.write(bytes);
  ws.on("message", () => {
    resetAt.set(path, monotonicNs());
    socket.resetAndDestroy();
  });
}

/** How long the feeder waits for a subscription. */
const PATIENCE_MS = 10_000;

/** Confirms subscriptions, and hands out each connection once, in the order of subscribing. */
class Venue {
  readonly #subscribed: Socket[] = [];
  #waiting: ((socket: Socket) => void) | undefined;

  accept(ws: WebSocket, socket: Socket): void {
    let isKnown = false;
    ws.on("message", (data: Buffer) => {
      const { id, method } = JSON.parse(data.toString()) as { id: unknown; method: string };
      ws.send(JSON.stringify({ result: null, id }), () => {
        if (method !== "SUBSCRIBE" || isKnown) return;
        isKnown = true;
        if (this.#waiting === undefined) this.#subscribed.push(socket);
        else this.#waiting(socket);
        this.#waiting = undefined;
      });
    });
    ws.on("close", () => {
      const at = this.#subscribed.indexOf(socket);
      if (at !== -1) this.#subscribed.splice(at, 1);
    });
  }

  /** Rejects after a while, so that a client that failed does not leave its order to the next. */
  nextSubscriber(): Promise<Socket> {
    const next = this.#subscribed.shift();
    if (next !== undefined) return Promise.resolve(next);
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => {
        this.#waiting = undefined;
        reject(new Error(`no client subscribed within ${PATIENCE_MS} ms`));
      }, PATIENCE_MS);
      this.#waiting = (socket) => {
        clearTimeout(patience);
        resolve(socket);
      };
    });
  }
}
