import type { IncomingMessage } from "node:http";
import type { Server } from "ws";
import { type AtOnce, endAtOnce } from "./faults/upgrade-faults.js";
import type { Accepted, VenuePeer } from "./venue-peer.js";
import { type Refusal, refuseUpgrade } from "./wire/refuse-upgrade.js";
import type { SimWebSocket } from "./wire/sim-websocket.js";
import { upgradeServer } from "./wire/upgrade-server.js";
import type { WireSocket } from "./wire/wire-socket.js";

/** What becomes of an attempt to connect. `note` writes it into the journal. */
export interface Decision<P> {
  readonly note: (status: number, connection?: number) => void;
  /** The answer in place of an upgrade, or what the connection is made of. */
  readonly outcome:
    | { readonly kind: "refuse"; readonly refusal: Refusal }
    | {
        readonly kind: "accept";
        /** How a fault ends the connection at once. */
        readonly endAtOnce: AtOnce | undefined;
        make(accepted: Accepted): P;
        /** Called when the connection has been noted. */
        opened?(peer: P): void;
      };
}

/** Takes upgrades in or turns them away, and keeps the list of who is connected. */
export class VenueReception<P extends VenuePeer> {
  readonly #server: Server<typeof SimWebSocket>;
  readonly #peers: Map<number, P> = new Map();
  #nextId = 1;

  constructor(maxMessageBytes: number) {
    this.#server = upgradeServer(maxMessageBytes);
  }

  /** Who is connected, oldest first. */
  get peers(): readonly P[] {
    return [...this.#peers.values()];
  }

  /** Destroys every connection. */
  close(): void {
    for (const peer of this.peers) peer.link.destroy();
  }

  /** Does to one upgrade request what was decided about it. */
  protected settle(
    request: IncomingMessage,
    socket: WireSocket,
    head: Buffer,
    decide: (address: string) => Decision<P>,
  ): void {
    const address = socket.remoteAddress ?? "unknown";
    const { note, outcome } = decide(address);
    if (outcome.kind === "refuse") {
      note(outcome.refusal.status);
      refuseUpgrade(socket, outcome.refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      const id = this.#nextId++;
      const ended = (): void => void this.#peers.delete(id);
      const peer = outcome.make({ id, ws, socket, address, ended });
      this.#peers.set(id, peer);
      note(101, id);
      outcome.opened?.(peer);
      if (outcome.endAtOnce !== undefined) endAtOnce(peer, outcome.endAtOnce);
    });
  }
}
