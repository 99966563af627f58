import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { serveParent } from "../parent-channel.js";
import { block } from "../payload.js";
import type { Block } from "../payload.js";
import type { FeederCommand, FeederReply } from "../protocol.js";
import { flood } from "./flood.js";
import { greet } from "./greet.js";
import { pace } from "./pace.js";
import { acceptPeer } from "./peer.js";
import type { Peer } from "./peer.js";
import { spread } from "./spread.js";

const GREETED = "/greet/";

/**
 * The sending process: a plain TCP server that speaks just enough WebSocket. It parses nothing and
 * encodes nothing while it floods.
 */
export function runFeeder(): void {
  const peers = new Map<string, Peer>();
  const blocks = new Map<number, Block>();

  const peerNamed = (name: string): Peer => {
    const peer = peers.get(name);
    if (peer === undefined) throw new Error(`no connection has asked for ${name}`);
    return peer;
  };
  const blockOf = (size: number): Block => {
    const known = blocks.get(size) ?? block(size);
    blocks.set(size, known);
    return known;
  };

  const reply = serveParent<FeederCommand, FeederReply>(async (command, reply) => {
    switch (command.kind) {
      case "flood":
        await flood(peerNamed(command.peer).socket, blockOf(command.size), command.blocks);
        reply({ kind: "flooded" });
        return;
      case "pace":
        reply({
          kind: "paced",
          lateP99Us: await pace(
            peerNamed(command.peer).socket,
            command.size,
            command.perSecond,
            command.count,
          ),
        });
        return;
      case "spread": {
        const names = Array.from(
          { length: command.connections },
          (_, i) => `${command.group}/${i}`,
        );
        await spread(
          names.map((name) => peerNamed(name).socket),
          command.spreading,
        );
        reply({ kind: "flooded" });
        return;
      }
      case "count": {
        const counted = peerNamed(command.peer).count(command.frames);
        reply({ kind: "counting" });
        reply({ kind: "counted", ...(await counted) });
        return;
      }
      default:
        command satisfies never;
    }
  });

  const server = createServer({ noDelay: true }, (socket) => {
    let name: string | undefined;
    // A receiver that has had enough resets; that is its right.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (name !== undefined && peers.get(name)?.socket === socket) peers.delete(name);
    });
    acceptPeer(socket, (peer) => {
      name = peer.name;
      peers.set(name, peer);
      if (name.startsWith(GREETED)) greet(peer);
    });
  });
  server.listen({ host: "127.0.0.1", port: 0, backlog: 1024 }, () => {
    reply({ kind: "listening", port: (server.address() as AddressInfo).port });
  });
}
