import type { Market } from "../market/market.js";
import type { FaultTarget } from "../faults/fault.js";
import { encodeBytes } from "../wire/encoded-text.js";
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

  /** Makes a fault happen now, and notes it. Faults that need a connection do nothing where there is none. */
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
    switch (fault.kind) {
      case "refuse": {
        const { status, headers = {}, body } = fault;
        admission.refuseNext(fault.count ?? 1, body === undefined ? { status, headers } : { status, headers, body });
        return [];
      }
      case "accept-then-close":
        admission.endNext(fault.count ?? 1, { code: fault.code, reason: fault.reason ?? "" });
        return [];
      case "close":
        return each((peer) => peer.end(fault.code ?? 1000, fault.reason));
      case "reset":
        return each(({ link }) => link.reset());
      case "half-open":
        return each(({ link }) => link.halfOpen());
      case "mute": {
        const { forMs } = fault;
        return each((peer) => {
          peer.texts.mute(true);
          if (forMs !== undefined) peer.after(forMs, () => peer.texts.mute(false));
        });
      }
      case "unmute":
        return each(({ texts }) => texts.mute(false));
      case "stall":
        return each((peer) => peer.stall(fault.forMs));
      case "throttle":
        return each(({ link }) => link.throttle(fault.bytesPerSecond));
      case "drop":
        return each(({ texts }) => texts.drop(fault.count ?? 1));
      case "drop-replies":
        return each(({ texts }) => texts.dropReplies(fault.count ?? 1));
      case "duplicate":
        return each(({ texts }) => texts.duplicate(fault.count ?? 1));
      case "reorder":
        return each(({ texts }) => texts.reorder(fault.count ?? 1));
      case "gap":
        return each((peer) => peer.skip(fault.events ?? 1));
      case "oversized": {
        const text = encodeBytes(Buffer.from(`{"channel":"oversized","x":"${"x".repeat(fault.bytes ?? 1_048_576)}"}`));
        return each((peer) => peer.oddity(text));
      }
      case "bad-utf8": {
        // 0xC3 opens a two-byte character, and 0x28 cannot continue it.
        const text = encodeBytes(Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]));
        return each((peer) => peer.oddity(text));
      }
      case "fragment":
        return each(({ texts }) => texts.fragment(fault.pieces));
      case "ignore-close":
        return each(({ link }) => link.ignoreClose());
      case "burst":
        return this.#burst(fault.frames, peers);
      case "revoke-key":
        this.#parts.revokeKey(fault.apiKey);
        return [];
      case "refuse-requests":
        desk.refuseNext(fault.message, fault.count ?? 1, fault.channel);
        return [];
      case "forget":
        return each(({ channels }) => channels.get(fault.channel)?.delete(fault.productId));
      case "clear":
        admission.clear();
        desk.clear();
        return each((peer) => {
          peer.texts.clear();
          peer.link.throttle(undefined);
          peer.link.resume();
        });
      default:
        return fault satisfies never;
    }
  }

  /** Extra orders until every connection that follows trades was offered so many events more. */
  #burst(frames: number, peers: readonly CoinbasePeer[]): readonly CoinbasePeer[] {
    const { market, broadcast } = this.#parts;
    const traded = broadcast.tradedProducts();
    const markets = traded.flatMap((product) => market.symbol(product) ?? []);
    const following = peers.filter((peer) => traded.some((product) => peer.follows("market_trades", product)));
    const goals = new Map(following.map((peer) => [peer, peer.eventsOffered + frames]));
    while (following.some((peer) => !peer.link.ended && peer.eventsOffered < (goals.get(peer) ?? 0))) {
      for (const each of markets) market.burst(each);
    }
    return following;
  }
}

function isAimed(peer: CoinbasePeer, { endpoint = "all", connection }: FaultTarget): boolean {
  if (peer.link.ended || (connection !== undefined && peer.id !== connection)) return false;
  return endpoint === "all" || ENDPOINTS[endpoint] === peer.endpoint;
}
