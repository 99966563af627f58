import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Server } from "ws";
import { endAtOnce, type UpgradeFaults } from "../faults/upgrade-faults.js";
import { type Refusal, refuseUpgrade } from "../wire/refuse-upgrade.js";
import type { SimWebSocket } from "../wire/sim-websocket.js";
import { upgradeServer } from "../wire/upgrade-server.js";
import { IbkrPeer, type IbkrSurroundings } from "./peer.js";
import type { Identity } from "./session/identify.js";
import type { IbkrSubscriptions } from "./stats.js";

const PATH = "/v1/api/ws";

/** What the reception needs to know of the session, and what it tells. */
export interface ReceptionDesk {
  /** What an upgrade shows. */
  identify(request: IncomingMessage): Identity;
  /** Why nobody is let in now, if so. */
  closed(): Refusal | undefined;
  /** A connection was accepted: it is to be greeted, or told to wait. */
  welcome(peer: IbkrPeer, identity: Identity): void;
}

/** Takes upgrades in or turns them away, and keeps the list of who is connected. */
export class IbkrReception {
  readonly #around: Omit<IbkrSurroundings, "ended">;
  readonly #faults: UpgradeFaults;
  readonly #desk: ReceptionDesk;
  readonly #server: Server<typeof SimWebSocket>;
  readonly #peers: Map<number, IbkrPeer> = new Map();
  #nextId = 1;

  constructor(around: Omit<IbkrSurroundings, "ended">, faults: UpgradeFaults, desk: ReceptionDesk) {
    this.#around = around;
    this.#faults = faults;
    this.#desk = desk;
    this.#server = upgradeServer(around.settings.limits.maxMessageBytes);
  }

  /** Who is connected, oldest first. */
  get peers(): readonly IbkrPeer[] {
    return [...this.#peers.values()];
  }

  get subscriptions(): readonly IbkrSubscriptions[] {
    return this.peers.map(({ id, authenticated, feeds }) => ({
      connection: id,
      authenticated,
      topics: [...feeds.keys()],
    }));
  }

  /** Handles one upgrade request. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { journal, clock } = this.#around;
    const at = clock.now();
    const address = socket.remoteAddress ?? "unknown";
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      journal.connect({
        at,
        address,
        status: refusal.status,
        connection: undefined,
        login: undefined,
      });
      refuseUpgrade(socket, refusal);
      return;
    }
    const ending = this.#faults.nextEnding();
    const identity = this.#desk.identify(request);
    const login = identity === "invalid" ? undefined : identity;
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      const surroundings = {
        ...this.#around,
        ended: (peer: IbkrPeer): void => void this.#peers.delete(peer.id),
      };
      const peer = new IbkrPeer(surroundings, this.#nextId++, ws, socket);
      this.#peers.set(peer.id, peer);
      journal.connect({ at, address, status: 101, connection: peer.id, login });
      if (ending === undefined) this.#desk.welcome(peer, identity);
      else endAtOnce(peer, ending);
    });
  }

  /** Destroys every connection. */
  close(): void {
    for (const peer of this.peers) peer.link.destroy();
  }

  #refusal({ url = "/" }: IncomingMessage): Refusal | undefined {
    if (url.replace(/\?.*$/, "") !== PATH) return { status: 404 };
    return this.#faults.nextRefusal() ?? this.#desk.closed();
  }
}
