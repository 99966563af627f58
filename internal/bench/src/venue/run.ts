import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";
import { flood } from "../feeder/flood.js";
import { serveParent } from "../parent-channel.js";
import type { VenueCommand, VenueReply } from "../protocol.js";
import { floodChunks } from "./blocks.js";

/**
 * The sending process of the events part: confirms what is subscribed, and floods events that were
 * encoded before. Adapters take an address without a path, so that connections cannot be told apart
 * by their target: a flood goes to the one that subscribed first and was not flooded yet.
 */
export function runVenue(): void {
  const subscribed: Socket[] = [];
  const known = new WeakSet<Socket>();
  let waiting: ((socket: Socket) => void) | undefined;
  const encoded = new Map<string, readonly Buffer[]>();

  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", (socket, request) => {
    const peer = request.socket;
    // A receiver that has had enough hangs up; that is its right.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (subscribed.includes(peer)) subscribed.splice(subscribed.indexOf(peer), 1);
    });
    socket.on("message", (data: Buffer) => {
      const { id, method } = JSON.parse(data.toString()) as { id: unknown; method: string };
      socket.send(JSON.stringify({ result: null, id }), () => {
        if (method !== "SUBSCRIBE" || known.has(peer)) return;
        known.add(peer);
        if (waiting === undefined) subscribed.push(peer);
        else waiting(peer);
        waiting = undefined;
      });
    });
  });

  const nextSocket = (): Promise<Socket> => {
    const next = subscribed.shift();
    if (next !== undefined) return Promise.resolve(next);
    return new Promise((resolve) => {
      waiting = resolve;
    });
  };

  const reply = serveParent<VenueCommand, VenueReply>(async ({ mix, encoding }, answer) => {
    const key = `${mix} ${encoding}`;
    const chunks = encoded.get(key) ?? floodChunks(mix, encoding);
    encoded.set(key, chunks);
    const socket = await nextSocket();
    for (const chunk of chunks) await flood(socket, { bytes: chunk, frames: 0 }, 1);
    answer({ kind: "flooded" });
  });

  server.listen({ host: "127.0.0.1", port: 0 }, () => {
    reply({ kind: "listening", port: (server.address() as AddressInfo).port });
  });
}
