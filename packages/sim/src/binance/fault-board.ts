import type { Fault, FaultTarget } from "../faults/fault.js";
import type { VenueClock } from "../clock.js";
import { FaultBoard, toEach, type VenueFault } from "../faults/fault-board.js";
import type { BanList } from "../rules/ban-list.js";
import type { Admission } from "./admission.js";
import type { Firewall } from "./firewall.js";
import type { OrderTroubles } from "../faults/order-troubles.js";
import type { Journal } from "./journal.js";
import type { Market } from "../market/market.js";
import type { Peer } from "./peer.js";
import type { OldTradesFaults } from "./rest/rest-api.js";
import type { RequestFaults } from "./request-faults.js";
import type { BinanceSettings } from "./resolve-options.js";
import type { StreamHub } from "./streams/stream-hub.js";

/** The parts of a simulator that faults act on. */
export interface FaultParts {
  readonly settings: BinanceSettings;
  readonly journal: Journal;
  readonly clock: VenueClock;
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
  readonly oldTrades: OldTradesFaults;
  revokeKey(apiKey: string | undefined): void;
}

/** Makes faults happen. */
export function faultBoard(parts: FaultParts): FaultBoard<Fault, Peer> {
  return new FaultBoard<Fault, Peer>({
    journal: parts.journal,
    onFault: parts.settings.onFault,
    upgrades: parts.admission.faults,
    endpoint: "stream",
    now: () => parts.clock.timer.wallNow(),
    peers: () => parts.peers(),
    perform: (fault, peers, target) => perform(parts, fault, peers, target),
  });
}

/** Returns the connections that were hit. */
function perform(
  parts: FaultParts,
  fault: VenueFault<Fault>,
  peers: readonly Peer[],
  target: FaultTarget,
): readonly Peer[] {
  switch (fault.kind) {
    case "gap":
      parts.hub.gap(fault.events ?? 1, fault.symbol?.toUpperCase());
      return [];
    case "expire":
      return toEach(peers, (peer) => peer.expire());
    case "server-shutdown": {
      const { closeAfterMs, closeCode, closeReason } = parts.settings.shutdown;
      return toEach(peers, (peer) => {
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
      return burst(parts, fault.frames, peers);
    case "stale-depth":
      parts.freezeDepth(fault.count ?? 1);
      return [];
    case "old-trades":
      parts.oldTrades.add(fault, fault.count ?? 1);
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
      parts.hub.clearGaps();
      parts.freezeDepth(0);
      return peers;
    default:
      return fault satisfies never;
  }
}

/**
 * Extra orders, symbol after symbol, until every connection that follows trades was offered
 * `frames` events more.
 */
function burst(
  { market, hub }: FaultParts,
  frames: number,
  peers: readonly Peer[],
): readonly Peer[] {
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
