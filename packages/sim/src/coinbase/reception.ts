import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Server } from "ws";
import { endAtOnce } from "../faults/upgrade-faults.js";
import { refuseUpgrade } from "../wire/refuse-upgrade.js";
import type { SimWebSocket } from "../wire/sim-websocket.js";
import { upgradeServer } from "../wire/upgrade-server.js";
import type { CoinbaseAdmission } from "./admission.js";
import { CoinbasePeer, type CoinbaseSurroundings } from "./peer.js";
import type { CoinbaseEndpoint, CoinbaseSubscriptions } from "./stats.js";

const ENDPOINTS: Readonly<Record<string, CoinbaseEndpoint>> = { "/": "market", "/user": "user" };

/** Takes upgrades in or turns them away, and keeps the list of who is connected. */
export class CoinbaseReception {
  readonly #around: Omit<CoinbaseSurroundings, "ended">;
  readonly #admission: CoinbaseAdmission;
  readonly #server: Server<typeof SimWebSocket>;
  readonly #peers: Map<number, CoinbasePeer> = new Map();
  #nextId = 1;

  constructor(around: Omit<CoinbaseSurroundings, "ended">, admission: CoinbaseAdmission) {
    this.#around = around;
    this.#admission = admission;
    this.#server = upgradeServer(around.settings.limits.maxMessageBytes);
  }

  /** Who is connected, oldest first. */
  get peers(): readonly CoinbasePeer[] {
    return [...this.#peers.values()];
  }

  get subscriptions(): readonly CoinbaseSubscriptions[] {
    return this.peers.map(({ id, endpoint, topics }) => ({ connection: id, endpoint, topics }));
  }

  /** Handles one upgrade request. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { journal, clock } = this.#around;
    const address = socket.remoteAddress ?? "unknown";
    const path = (request.url ?? "/").replace(/\?.*$/, "");
    const endpoint = ENDPOINTS[path];
    const note = (status: number, connection?: number): void =>
      journal.connect({
        at: clock.now(),
        endpoint: endpoint ?? "market",
        address,
        status,
        connection,
      });
    const verdict = this.#admission.judge(address);
    if (verdict.kind === "refuse" || endpoint === undefined) {
      const refusal = verdict.kind === "refuse" ? verdict.refusal : { status: 404 };
      note(refusal.status);
      refuseUpgrade(socket, refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      const surroundings = {
        ...this.#around,
        ended: (peer: CoinbasePeer): void => void this.#peers.delete(peer.id),
      };
      const peer = new CoinbasePeer(surroundings, this.#nextId++, endpoint, ws, socket, address);
      this.#peers.set(peer.id, peer);
      note(101, peer.id);
      if (verdict.endAtOnce !== undefined) endAtOnce(peer, verdict.endAtOnce);
    });
  }

  /** Destroys every connection. */
  close(): void {
    for (const peer of this.peers) peer.link.destroy();
  }
}
