import { faultConnection, healConnection, isConnectionFault } from "../faults/connection-faults.js";
import type { AppliedFault, Fault, FaultTarget } from "../faults/fault.js";
import type { BanList } from "../rules/ban-list.js";
import type { Admission } from "./admission.js";
import type { ArchiveFaults } from "./archive-faults.js";
import type { Firewall } from "./firewall.js";
import type { OrderTroubles } from "../faults/order-troubles.js";
import type { Journal } from "./journal.js";
import type { Market } from "../market/market.js";
import type { Peer } from "./peer.js";
import type { RequestFaults } from "./request-faults.js";
import type { BinanceSettings } from "./resolve-options.js";
import type { StreamHub } from "./streams/stream-hub.js";

/** The parts of a simulator that faults act on. */
export interface FaultParts {
  readonly settings: BinanceSettings;
  readonly journal: Journal;
  readonly market: Market;
  readonly hub: StreamHub;
  readonly admission: Admission;
  readonly bans: BanList;
  readonly firewall: Firewall;
  readonly requests: RequestFaults;
  readonly orders: OrderTroubles;
  peers(): readonly Peer[];
  /** Bans an address and disconnects it. Returns the connections that were ended. */
  ban(address: string, forMs: number | undefined): readonly Peer[];
  /** Freezes what REST depth requests are answered with. */
  freezeDepth(count: number): void;
  /** Spoils the next answers of REST that hold old trades. */
  readonly oldTrades: ArchiveFaults;
  revokeKey(apiKey: string | undefined): void;
}

/** Makes faults happen. */
export class FaultBoard {
  readonly #parts: FaultParts;

  constructor(parts: FaultParts) {
    this.#parts = parts;
  }

  /**
   * Makes a fault happen now, and notes it. Faults that need a connection do nothing where there is
   * none.
   */
  apply(fault: Fault, target: FaultTarget = {}): AppliedFault {
    const peers = this.#aimed(target);
    const hit = this.#perform(fault, peers, target);
    const applied: AppliedFault = {
      at: Date.now(),
      fault,
      connections: hit.map((peer) => peer.id),
    };
    this.#parts.journal.fault(applied);
    return applied;
  }

  #aimed(target: FaultTarget): readonly Peer[] {
    const endpoint = target.endpoint ?? (target.connection === undefined ? "stream" : "all");
    return this.#parts.peers().filter((peer) => {
      if (peer.link.ended) return false;
      if (target.connection !== undefined && peer.id !== target.connection) return false;
      return endpoint === "all" || peer.endpoint === endpoint;
    });
  }

  /** Returns the connections that were hit. */
  #perform(fault: Fault, peers: readonly Peer[], target: FaultTarget): readonly Peer[] {
    const parts = this.#parts;
    const each = (act: (peer: Peer) => void): readonly Peer[] => {
      for (const peer of peers) act(peer);
      return peers;
    };
    if (isConnectionFault(fault)) return each((peer) => faultConnection(fault, peer));
    switch (fault.kind) {
      case "refuse":
      case "accept-then-close":
        parts.admission.faults.add(fault);
        return [];
      case "gap":
        parts.hub.gap(fault.events ?? 1, fault.symbol?.toUpperCase());
        return [];
      case "expire":
        return each((peer) => peer.expire());
      case "server-shutdown": {
        const { closeAfterMs, closeCode, closeReason } = parts.settings.shutdown;
        return each((peer) => {
          peer.session?.announceShutdown();
          peer.after(fault.closeAfterMs ?? closeAfterMs, () => peer.end(closeCode, closeReason));
        });
      }
      case "ban": {
        const connected = [...new Set(parts.peers().map((peer) => peer.address))];
        const addresses = fault.address !== undefined ? [fault.address] : connected;
        if (addresses.length === 0) addresses.push("127.0.0.1");
        return addresses.flatMap((address) => parts.ban(address, fault.forMs));
      }
      case "unban":
        parts.bans.unban(fault.address);
        return [];
      case "burst":
        return this.#burst(fault.frames, peers);
      case "stale-depth":
        parts.freezeDepth(fault.count ?? 1);
        return [];
      case "old-trades":
        parts.oldTrades.add(fault);
        return [];
      case "revoke-key":
        parts.revokeKey(fault.apiKey);
        return [];
      case "answer-errors":
        parts.requests.add(fault, target.endpoint ?? "stream");
        return [];
      case "terminate-user-data": {
        parts.requests.terminate(fault.count ?? 0);
        const users = parts.peers().filter(({ endpoint }) => endpoint === "ws-api");
        for (const { session } of users) session?.terminateUserData?.();
        return users;
      }
      case "order-trouble":
        parts.orders.add(fault);
        return [];
      case "firewall":
        parts.firewall.block(fault.forMs);
        return [];
      case "clear":
        parts.requests.clear();
        parts.orders.clear();
        parts.oldTrades.clear();
        parts.firewall.clear();
        parts.admission.faults.clear();
        parts.hub.clearGaps();
        parts.freezeDepth(0);
        return each(healConnection);
      default:
        return fault satisfies never;
    }
  }

  /**
   * Extra orders, symbol after symbol, until every connection that follows trades was offered
   * `frames` events more.
   */
  #burst(frames: number, peers: readonly Peer[]): readonly Peer[] {
    const { market, hub } = this.#parts;
    const markets = hub.tradedSymbols().flatMap((name) => market.symbol(name) ?? []);
    const goals = new Map(peers.map((peer) => [peer, peer.eventsOffered + frames]));
    const hit = new Set<Peer>();
    while (goals.size > 0) {
      const before = new Map([...goals.keys()].map((peer) => [peer, peer.eventsOffered]));
      for (const each of markets) {
        market.burst(each);
        for (const [peer, goal] of goals) if (peer.eventsOffered >= goal) goals.delete(peer);
        if (goals.size === 0) break;
      }
      for (const [peer, offered] of before) {
        // A whole round over all symbols brought it nothing: it follows no trades.
        if (peer.eventsOffered === offered) goals.delete(peer);
        else hit.add(peer);
      }
    }
    return [...hit];
  }
}
