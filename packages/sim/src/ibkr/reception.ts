import type { IncomingMessage } from "node:http";
import type { WireSocket } from "../wire/wire-socket.js";
import type { UpgradeFaults } from "../faults/upgrade-faults.js";
import type { Accepted } from "../venue-peer.js";
import { VenueReception } from "../venue-reception.js";
import type { Refusal } from "../wire/refuse-upgrade.js";
import { IbkrPeer, type IbkrSurroundings } from "./peer.js";
import type { Identity } from "./session/identify.js";
import type { IbkrSubscriptions } from "./stats.js";

const PATH = "/v1/api/ws";

/** What the reception needs to know of the session, and what it tells. */
export interface ReceptionDesk {
  /** What an upgrade shows. */
  identify(request: IncomingMessage): Identity;
  /** Why no client is let in now, if so. */
  closed(): Refusal | undefined;
  /** A connection was accepted: it is to be greeted, or told to wait. */
  welcome(peer: IbkrPeer, identity: Identity): void;
}

/** Takes upgrades in or turns them away, and keeps the list of who is connected. */
export class IbkrReception extends VenueReception<IbkrPeer> {
  readonly #around: IbkrSurroundings;
  readonly #faults: UpgradeFaults;
  readonly #desk: ReceptionDesk;

  constructor(around: IbkrSurroundings, faults: UpgradeFaults, desk: ReceptionDesk) {
    super(around.settings.limits.maxMessageBytes);
    this.#around = around;
    this.#faults = faults;
    this.#desk = desk;
  }

  get subscriptions(): readonly IbkrSubscriptions[] {
    return this.peers.map(({ id, authenticated, feeds }) => ({
      connection: id,
      authenticated,
      topics: [...feeds.keys()],
    }));
  }

  /** Handles one upgrade request. */
  upgrade(request: IncomingMessage, socket: WireSocket, head: Buffer): void {
    const { journal, clock } = this.#around;
    const at = clock.now();
    this.settle(request, socket, head, (address) => {
      const refusal = this.#refusal(request);
      const identity = refusal === undefined ? this.#desk.identify(request) : undefined;
      const login = identity === "invalid" ? undefined : identity;
      const note = (status: number, connection?: number): void =>
        journal.connect({ at, address, status, connection, login });
      if (refusal !== undefined) return { note, outcome: { kind: "refuse", refusal } };
      const endAtOnce = this.#faults.nextEnding();
      const opened = (peer: IbkrPeer): void => {
        if (endAtOnce === undefined) this.#desk.welcome(peer, identity);
      };
      const make = (accepted: Accepted): IbkrPeer => new IbkrPeer(this.#around, accepted);
      return { note, outcome: { kind: "accept", endAtOnce, make, opened } };
    });
  }

  #refusal({ url = "/" }: IncomingMessage): Refusal | undefined {
    if (url.replace(/\?.*$/, "") !== PATH) return { status: 404 };
    return this.#faults.nextRefusal() ?? this.#desk.closed();
  }
}
