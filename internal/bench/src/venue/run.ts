import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";
import { flood } from "../feeder/flood.js";
import { serveParent } from "../parent-channel.js";
import type { VenueCommand, VenueReply } from "../protocol.js";
import type { EventMix } from "../rows.js";
import { floodChunks } from "./blocks.js";

/**
 * The sending process of the events part: confirms what is subscribed, and floods events that were
 * encoded before.
 */
export function runVenue(): void {
  /** Sockets by the first part of the path, once something is subscribed on them. */
  const subscribed = new Map<string, Socket>();
  const waiting = new Map<string, (socket: Socket) => void>();
  const encoded = new Map<EventMix, readonly Buffer[]>();

  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on("connection", (socket, request) => {
    const peer = /^\/[^/]+/.exec(request.url ?? "")?.[0] ?? "";
    // A receiver that has had enough hangs up; that is its right.
    socket.on("error", () => undefined);
    socket.on("close", () => subscribed.delete(peer));
    socket.on("message", (data: Buffer) => {
      const { id, method } = JSON.parse(data.toString()) as { id: unknown; method: string };
      socket.send(JSON.stringify({ result: null, id }), () => {
        if (method !== "SUBSCRIBE") return;
        subscribed.set(peer, request.socket);
        waiting.get(peer)?.(request.socket);
        waiting.delete(peer);
      });
    });
  });

  const socketOf = (peer: string): Promise<Socket> => {
    const known = subscribed.get(peer);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => {
      waiting.set(peer, resolve);
    });
  };

  const reply = serveParent<VenueCommand, VenueReply>(async ({ peer, mix }, answer) => {
    const chunks = encoded.get(mix) ?? floodChunks(mix);
    encoded.set(mix, chunks);
    const socket = await socketOf(peer);
    for (const chunk of chunks) await flood(socket, { bytes: chunk, frames: 0 }, 1);
    answer({ kind: "flooded" });
  });

  server.listen({ host: "127.0.0.1", port: 0 }, () => {
    reply({ kind: "listening", port: (server.address() as AddressInfo).port });
  });
}
