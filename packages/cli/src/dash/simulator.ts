import type {
  BinanceSim,
  CoinbaseFault,
  CoinbaseSim,
  Fault,
  IbkrFault,
  IbkrSim,
} from "@oath-ws/sim";
import type { FaultButton } from "./protocol.js";

/** A simulated venue of this process, as far as buttons make things go wrong at it. */
export interface Simulator {
  readonly name: string;
  /** Scheme, host and port. */
  readonly endpoint: string;
  readonly faults: readonly FaultButton[];
  /**
   * Makes a fault happen now, and says how many connections it hit; `undefined` for no such fault.
   */
  apply(id: string): number | undefined;
}

/** What a button does: the fault, and one sentence about it. */
interface Offer<F> {
  readonly fault: F;
  readonly about: string;
  readonly isFirst?: boolean;
}

/** Every kind of fault has a button: a new kind does not compile without one. */
type Offers<F extends { readonly kind: string }> = {
  readonly [K in F["kind"]]: Offer<Extract<F, { readonly kind: K }>>;
};

/** The faults that all venues share. Times are short, so that one sees what comes after. */
const SHARED = {
  reset: { fault: { kind: "reset" }, about: "TCP reset of every connection", isFirst: true },
  "half-open": {
    fault: { kind: "half-open" },
    about: "The peer falls silent: no data, no FIN, no RST",
    isFirst: true,
  },
  burst: {
    fault: { kind: "burst", frames: 4_000 },
    about: "4000 events as fast as possible",
    isFirst: true,
  },
  mute: {
    fault: { kind: "mute", forMs: 5_000 },
    about: "No data for 5 s, while pings are answered",
    isFirst: true,
  },
  unmute: { fault: { kind: "unmute" }, about: "Ends a mute" },
  close: { fault: { kind: "close" }, about: "A clean close with code 1000" },
  refuse: {
    fault: { kind: "refuse", status: 503, count: 3, headers: { "Retry-After": "2" } },
    about: "The next 3 upgrades get 503 with Retry-After 2 s",
  },
  "accept-then-close": {
    fault: { kind: "accept-then-close", count: 3 },
    about: "The next 3 upgrades are accepted and reset at once",
  },
  stall: { fault: { kind: "stall", forMs: 3_000 }, about: "No reads and writes for 3 s" },
  "stop-reading": {
    fault: { kind: "stop-reading", forMs: 5_000 },
    about: "The venue reads nothing for 5 s",
  },
  throttle: { fault: { kind: "throttle", bytesPerSecond: 2_000 }, about: "2000 bytes a second" },
  drop: { fault: { kind: "drop", count: 5 }, about: "The next 5 events of a connection are lost" },
  "drop-replies": { fault: { kind: "drop-replies" }, about: "The next answer is lost" },
  duplicate: { fault: { kind: "duplicate", count: 5 }, about: "The next 5 events come twice" },
  reorder: { fault: { kind: "reorder" }, about: "The next two events are swapped" },
  oversized: { fault: { kind: "oversized" }, about: "A text frame of 1 MiB" },
  "bad-utf8": { fault: { kind: "bad-utf8" }, about: "A text frame that is not UTF-8" },
  fragment: { fault: { kind: "fragment", pieces: 3 }, about: "Every message comes in 3 frames" },
  "ignore-close": { fault: { kind: "ignore-close" }, about: "Close frames are not answered" },
  clear: { fault: { kind: "clear" }, about: "Ends every fault that lasts" },
} as const satisfies Partial<Offers<Fault>>;

const ORDER_TROUBLE = {
  "order-trouble": {
    fault: { kind: "order-trouble", trouble: "answer-lost" },
    about: "The next order is placed and not answered",
  },
} as const satisfies Partial<Offers<Fault>>;

const HISTORY_AND_KEYS = {
  gap: { fault: { kind: "gap", events: 3 }, about: "A hole of 3 in the venue's numbers" },
  "old-trades": {
    fault: { kind: "old-trades", answer: "refuse" },
    about: "The next request for old trades is refused",
  },
  "revoke-key": { fault: { kind: "revoke-key" }, about: "The account's key is revoked" },
} as const satisfies Partial<Offers<Fault>>;

const BINANCE: Offers<Fault> = {
  ...SHARED,
  "server-shutdown": {
    fault: { kind: "server-shutdown", closeAfterMs: 3_000 },
    about: "The venue announces its shutdown in 3 s",
    isFirst: true,
  },
  ...HISTORY_AND_KEYS,
  expire: { fault: { kind: "expire" }, about: "The cut after 24 hours, now" },
  ban: { fault: { kind: "ban", forMs: 5_000 }, about: "The address is banned for 5 s" },
  unban: { fault: { kind: "unban" }, about: "Lifts all bans" },
  "stale-depth": { fault: { kind: "stale-depth" }, about: "The next book snapshot is an old one" },
  "answer-errors": { fault: { kind: "answer-errors" }, about: "The next request gets an error" },
  "terminate-user-data": {
    fault: { kind: "terminate-user-data" },
    about: "All streams of accounts end",
  },
  firewall: { fault: { kind: "firewall", forMs: 5_000 }, about: "403 for everything, for 5 s" },
  ...ORDER_TROUBLE,
};

const COINBASE: Offers<CoinbaseFault> = {
  ...SHARED,
  ...HISTORY_AND_KEYS,
  "refuse-requests": {
    fault: { kind: "refuse-requests", message: "refused by the dashboard" },
    about: "The next request gets an error",
  },
  "ignore-requests": {
    fault: { kind: "ignore-requests", type: "subscribe" },
    about: "The next subscription changes nothing",
  },
  forget: {
    fault: { kind: "forget", channel: "ticker", productId: "BTC-USD" },
    about: "The subscription of ticker BTC-USD is lost without a word",
  },
};

const IBKR: Offers<IbkrFault> = {
  ...SHARED,
  ...ORDER_TROUBLE,
  cut: { fault: { kind: "cut" }, about: "TCP ends without a close frame" },
  "expire-topic": {
    fault: { kind: "expire-topic" },
    about: "All market data subscriptions die without a word",
  },
  "lose-session": { fault: { kind: "lose-session" }, about: "The brokerage session is lost" },
  compete: { fault: { kind: "compete" }, about: "Another platform takes the session" },
  "rival-leaves": { fault: { kind: "rival-leaves" }, about: "That platform logs out" },
  "midnight-reset": { fault: { kind: "midnight-reset" }, about: "The reset at midnight, now" },
  "login-expires": { fault: { kind: "login-expires" }, about: "The login is over" },
  "penalty-box": {
    fault: { kind: "penalty-box", forMs: 5_000 },
    about: "REST answers 429 for 5 s",
  },
  "stray-byte": { fault: { kind: "stray-byte" }, about: "The next frame is not UTF-8" },
  "empty-update": { fault: { kind: "empty-update" }, about: "Market data without data" },
  "fail-requests": {
    fault: { kind: "fail-requests", status: 503 },
    about: "The next REST request answers 503",
  },
  "refuse-topic": {
    fault: { kind: "refuse-topic", topic: "smd+265598" },
    about: "The next subscription of smd+265598 is refused once",
  },
  "roll-session": { fault: { kind: "roll-session" }, about: "The gateway logs in again by itself" },
};

/** The buttons of a simulated Binance. */
export function binanceSimulator(sim: BinanceSim): Simulator {
  return simulator("Binance", endpointOf(sim.url), BINANCE, (fault) => sim.faults.apply(fault));
}

/** The buttons of a simulated Coinbase. */
export function coinbaseSimulator(sim: CoinbaseSim): Simulator {
  return simulator("Coinbase", endpointOf(sim.url), COINBASE, (fault) => sim.faults.apply(fault));
}

/** The buttons of a simulated IBKR gateway. */
export function ibkrSimulator(sim: IbkrSim): Simulator {
  return simulator("IBKR", endpointOf(sim.wsUrl), IBKR, (fault) => sim.faults.apply(fault));
}

function simulator<F extends { readonly kind: string }>(
  name: string,
  endpoint: string,
  offers: Offers<F>,
  apply: (fault: F) => { readonly connections: readonly number[] },
): Simulator {
  // One type for all entries: which fault belongs to which kind was checked where they are written.
  const all = new Map(Object.entries<Offer<F>>(offers));
  return {
    name,
    endpoint,
    faults: Array.from(all, ([id, { about, isFirst = false }]) => ({ id, about, isFirst })),
    apply: (id) => {
      const offer = all.get(id);
      return offer === undefined ? undefined : apply(offer.fault).connections.length;
    },
  };
}

function endpointOf(url: string): string {
  return new URL(url).origin;
}
