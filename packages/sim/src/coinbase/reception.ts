import type { IncomingMessage } from "node:http";
import type { WireSocket } from "../wire/wire-socket.js";
import type { VenueAdmission } from "../venue-admission.js";
import { VenueReception } from "../venue-reception.js";
import { CoinbasePeer, type CoinbaseSurroundings } from "./peer.js";
import type { CoinbaseEndpoint, CoinbaseSubscriptions } from "./stats.js";

const ENDPOINTS: Readonly<Record<string, CoinbaseEndpoint>> = { "/": "market", "/user": "user" };

/** Takes upgrades in or turns them away, and keeps the list of who is connected. */
export class CoinbaseReception extends VenueReception<CoinbasePeer> {
  readonly #around: CoinbaseSurroundings;
  readonly #admission: VenueAdmission;

  constructor(around: CoinbaseSurroundings, admission: VenueAdmission) {
    super(around.settings.limits.maxMessageBytes);
    this.#around = around;
    this.#admission = admission;
  }

  get subscriptions(): readonly CoinbaseSubscriptions[] {
    return this.peers.map(({ id, endpoint, topics }) => ({ connection: id, endpoint, topics }));
  }

  /** Handles one upgrade request. */
  upgrade(request: IncomingMessage, socket: WireSocket, head: Buffer): void {
    const { journal, clock } = this.#around;
    const endpoint = ENDPOINTS[(request.url ?? "/").replace(/\?.*$/, "")];
    this.settle(request, socket, head, (address) => {
      const verdict = this.#admission.judge(address);
      return {
        note: (status, connection) =>
          journal.connect({
            at: clock.now(),
            endpoint: endpoint ?? "market",
            address,
            status,
            connection,
          }),
        outcome:
          verdict.kind === "refuse"
            ? verdict
            : endpoint === undefined
              ? { kind: "refuse", refusal: { status: 404 } }
              : {
                  ...verdict,
                  make: (accepted) => new CoinbasePeer(this.#around, endpoint, accepted),
                },
      };
    });
  }
}
