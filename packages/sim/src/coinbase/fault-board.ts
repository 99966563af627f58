import type { Market } from "../market/market.js";
import { faultConnection, healConnection, isConnectionFault } from "../faults/connection-faults.js";
import type { FaultTarget } from "../faults/fault.js";
import type { CoinbaseAdmission } from "./admission.js";
import type { Broadcast } from "./broadcast.js";
import type { CoinbaseFault } from "./coinbase-fault.js";
import type { CoinbaseJournal } from "./journal.js";
import type { CoinbasePeer } from "./peer.js";
import type { RequestDesk } from "./request-desk.js";
import type { CoinbaseAppliedFault } from "./stats.js";

/** The parts of the simulator that faults act on. */
export interface CoinbaseFaultParts {
  readonly journal: CoinbaseJournal;
  readonly market: Market;
  readonly broadcast: Broadcast;
  readonly admission: CoinbaseAdmission;
  readonly desk: RequestDesk;
  now(): number;
  peers(): readonly CoinbasePeer[];
  revokeKey(keyName: string | undefined): void;
}

const ENDPOINTS = { stream: "market", "ws-api": "user" } as const;

/** Makes faults happen. */
export class CoinbaseFaultBoard {
  readonly #parts: CoinbaseFaultParts;

  constructor(parts: CoinbaseFaultParts) {
    this.#parts = parts;
  }

  /**
   * Makes a fault happen now, and notes it. Faults that need a connection do nothing where there is
   * none.
   */
  apply(fault: CoinbaseFault, target: FaultTarget = {}): CoinbaseAppliedFault {
    const peers = this.#parts.peers().filter((peer) => isAimed(peer, target));
    const hit = this.#perform(fault, peers);
    const applied = { at: this.#parts.now(), fault, connections: hit.map(({ id }) => id) };
    this.#parts.journal.fault(applied);
    return applied;
  }

  /** Returns the connections that were hit. */
  #perform(fault: CoinbaseFault, peers: readonly CoinbasePeer[]): readonly CoinbasePeer[] {
    const { admission, desk } = this.#parts;
    const each = (act: (peer: CoinbasePeer) => void): readonly CoinbasePeer[] => {
      for (const peer of peers) act(peer);
      return peers;
    };
    if (isConnectionFault(fault)) return each((peer) => faultConnection(fault, peer));
    switch (fault.kind) {
      case "refuse":
      case "accept-then-close":
        admission.faults.add(fault);
        return [];
      case "gap":
        return each((peer) => peer.skip(fault.events ?? 1));
      case "burst":
        return this.#burst(fault.frames, peers);
      case "revoke-key":
        this.#parts.revokeKey(fault.apiKey);
        return [];
      case "refuse-requests":
        desk.refuseNext(fault.message, fault.count ?? 1, fault.channel);
        return [];
      case "ignore-requests": {
        const { type, count = 1, channel, answered = true } = fault;
        desk.ignoreNext({ type, count, channel, answered });
        return [];
      }
      case "forget":
        return each(({ channels }) => channels.get(fault.channel)?.delete(fault.productId));
      case "clear":
        admission.faults.clear();
        desk.clear();
        return each(healConnection);
      default:
        return fault satisfies never;
    }
  }

  /** Extra orders until every connection that follows trades was offered so many events more. */
  #burst(frames: number, peers: readonly CoinbasePeer[]): readonly CoinbasePeer[] {
    const { market, broadcast } = this.#parts;
    const traded = broadcast.tradedProducts();
    const markets = traded.flatMap((product) => market.symbol(product) ?? []);
    const following = peers.filter((peer) =>
      traded.some((product) => peer.follows("market_trades", product)),
    );
    const goals = new Map(following.map((peer) => [peer, peer.eventsOffered + frames]));
    while (
      following.some((peer) => !peer.link.ended && peer.eventsOffered < (goals.get(peer) ?? 0))
    ) {
      for (const each of markets) market.burst(each);
    }
    return following;
  }
}

function isAimed(peer: CoinbasePeer, { endpoint = "all", connection }: FaultTarget): boolean {
  if (peer.link.ended || (connection !== undefined && peer.id !== connection)) return false;
  return endpoint === "all" || ENDPOINTS[endpoint] === peer.endpoint;
}
