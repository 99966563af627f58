import type { Market } from "../market/market.js";
import { burst } from "../faults/burst.js";
import type { AppliedFault } from "../faults/fault.js";
import { FaultBoard, toEach, type VenueFault } from "../faults/fault-board.js";
import type { UpgradeFaults } from "../faults/upgrade-faults.js";
import type { Broadcast } from "./broadcast.js";
import type { CoinbaseFault } from "./coinbase-fault.js";
import type { CoinbaseJournal } from "./journal.js";
import type { CoinbasePeer } from "./peer.js";
import type { RequestDesk } from "./request-desk.js";
import type { OldTradesFaults } from "./rest-api.js";

/** The parts of the simulator that faults act on. */
export interface CoinbaseFaultParts {
  readonly journal: CoinbaseJournal;
  readonly onFault: (applied: AppliedFault<CoinbaseFault>) => void;
  readonly market: Market;
  readonly broadcast: Broadcast;
  readonly upgrades: UpgradeFaults;
  readonly desk: RequestDesk;
  readonly oldTrades: OldTradesFaults;
  now(): number;
  peers(): readonly CoinbasePeer[];
  revokeKey(keyName: string | undefined): void;
}

/** Makes faults happen. */
export function coinbaseFaultBoard(
  parts: CoinbaseFaultParts,
): FaultBoard<CoinbaseFault, CoinbasePeer> {
  return new FaultBoard<CoinbaseFault, CoinbasePeer>({
    ...parts,
    endpoint: "all",
    perform: (fault, peers) => perform(parts, fault, peers),
  });
}

/** Returns the connections that were hit. */
function perform(
  parts: CoinbaseFaultParts,
  fault: VenueFault<CoinbaseFault>,
  peers: readonly CoinbasePeer[],
): readonly CoinbasePeer[] {
  switch (fault.kind) {
    case "gap":
      return toEach(peers, (peer) => peer.skip(fault.events ?? 1));
    case "burst":
      return burstTrades(parts, fault.frames, peers);
    case "revoke-key":
      parts.revokeKey(fault.apiKey);
      return [];
    case "refuse-requests":
    case "ignore-requests":
      parts.desk.add(fault);
      return [];
    case "old-trades":
      parts.oldTrades.add(fault, fault.count ?? 1);
      return [];
    case "forget":
      return toEach(peers, ({ channels }) => channels.get(fault.channel)?.delete(fault.productId));
    case "clear":
      parts.desk.clear();
      parts.oldTrades.clear();
      return peers;
    default:
      return fault satisfies never;
  }
}

/** Extra orders until every connection that follows trades was offered so many events more. */
function burstTrades(
  { market, broadcast }: CoinbaseFaultParts,
  frames: number,
  peers: readonly CoinbasePeer[],
): readonly CoinbasePeer[] {
  const traded = broadcast.tradedProducts();
  const markets = traded.flatMap((product) => market.symbol(product) ?? []);
  const following = peers.filter((peer) =>
    traded.some((product) => peer.follows("market_trades", product)),
  );
  return burst(following, frames, () => {
    for (const each of markets) market.burst(each);
  });
}
