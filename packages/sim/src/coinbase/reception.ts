import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type Server, WebSocketServer } from "ws";
import { refuseUpgrade } from "../wire/refuse-upgrade.js";
import { SimWebSocket } from "../wire/sim-websocket.js";
import type { CoinbaseAdmission, EndAtOnce } from "./admission.js";
import { CoinbasePeer, type CoinbaseSurroundings } from "./peer.js";
import type { CoinbaseEndpoint, CoinbaseSubscriptions } from "./stats.js";

/** How long `ws` waits for a client to answer our close frame, in real milliseconds. */
const CLOSE_TIMEOUT_MS = 3_000;
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
    // Not written in place: the type declarations of `ws` are older than its `closeTimeout` option.
    const options = {
      noServer: true,
      WebSocket: SimWebSocket,
      perMessageDeflate: false,
      autoPong: false,
      clientTracking: false,
      maxPayload: around.settings.limits.maxMessageBytes,
      closeTimeout: CLOSE_TIMEOUT_MS,
    };
    this.#server = new WebSocketServer(options);
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
      journal.connect({ at: clock.now(), endpoint: endpoint ?? "market", address, status, connection });
    const verdict = this.#admission.judge(address);
    if (verdict.kind === "refuse" || endpoint === undefined) {
      const refusal = verdict.kind === "refuse" ? verdict.refusal : { status: 404 };
      note(refusal.status);
      refuseUpgrade(socket, refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      const surroundings = { ...this.#around, ended: (peer: CoinbasePeer): void => void this.#peers.delete(peer.id) };
      const peer = new CoinbasePeer(surroundings, this.#nextId++, endpoint, ws, socket, address);
      this.#peers.set(peer.id, peer);
      note(101, peer.id);
      endAtOnce(peer, verdict.endAtOnce);
    });
  }

  /** Destroys every connection. */
  close(): void {
    for (const peer of this.peers) peer.link.destroy();
  }
}

function endAtOnce(peer: CoinbasePeer, how: EndAtOnce | undefined): void {
  if (how === undefined) return;
  if (how.code === undefined) peer.link.reset();
  else peer.end(how.code, how.reason);
}
