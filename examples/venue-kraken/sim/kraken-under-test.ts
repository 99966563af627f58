import { followedTopic } from "@oath-ws/testing/venue";
import type {
  FeedUnderTest,
  Stage,
  StageOptions,
  VenueControls,
  VenueUnderTest,
} from "@oath-ws/testing/venue";
import { KrakenMarket } from "../src/kraken-market.js";
import { KrakenSim } from "./kraken-sim.js";

const SYMBOL = "BTC/USD";
const ANOTHER = "ETH/USD";
/** Symbols besides, where limits are looked at. */
const MANY = Array.from({ length: 120 }, (_, index) => `S${index}/USD`);

const PUBLIC = "market data needs no credentials";
const NO_LIFETIME = "the venue names no lifetime of a connection, so none is replaced on purpose";

/** Kraken's market data, looked at through trades, which the venue numbers (K-8). */
const FEED: FeedUnderTest = {
  name: "market data",
  notApplicable: {
    "permanent-auth-failure": PUBLIC,
    "shutdown-auth-refused": PUBLIC,
    "planned-renewal": NO_LIFETIME,
    "shutdown-renewing": NO_LIFETIME,
  },
  open: (options) => Promise.resolve(stage(options)),
};

export const KRAKEN: VenueUnderTest = { name: "Kraken", feeds: [FEED] };

function stage({ observe, config, maxUnread, venueLimits, refuse }: StageOptions): Stage {
  const isReal = venueLimits === "real";
  const sim = new KrakenSim([SYMBOL, ANOTHER, ...MANY]);
  if (refuse !== undefined) sim.refuse(refuse);
  const market = new KrakenMarket({
    runtime: observe(sim.runtime),
    ...(isReal ? {} : { config }),
  });
  const trades = market.rawTrades(SYMBOL, {
    policy: { kind: "reliable", maxEvents: maxUnread ?? 100_000 },
  });
  const another = market.rawTrades(ANOTHER, { policy: { kind: "latest" } });
  if (isReal) for (const symbol of MANY) market.rawTrades(symbol, { policy: { kind: "latest" } });
  return {
    world: sim.world,
    topic: followedTopic(trades, ({ trade_id }) => ({ items: [trade_id], whole: false }), {
      namesMissing: true,
    }),
    venue: controls(sim),
    // The defaults of the adapter.
    mute: { staleAfterMs: 5_000, remadeAfterMs: 10_000 },
    cancelAnother: async () => {
      another.close();
      while (sim.open.some(({ held }) => held.has(`trade:${ANOTHER}`))) await sim.world.delay(10);
    },
    shutdown: () => market.shutdown(),
    close: () => Promise.resolve(),
  };
}

function controls(sim: KrakenSim): VenueControls {
  const publish = (count: number): number => {
    sim.trade(SYMBOL, count);
    return sim.tradesOf(SYMBOL).length;
  };
  /** Connections that fell silent for good: they stay open, and hold nothing any more. */
  const silent = new Set<unknown>();
  return {
    publish,
    flood: () => publish(1_000),
    strike: (fault) => {
      if (fault === "half-open") for (const seat of sim.open) silent.add(seat);
      sim.strike(fault);
    },
    revoke: () => undefined,
    refuse: (refusal) => sim.refuse(refusal),
    counts: () => {
      const holding = (symbol: string): number =>
        sim.open.filter((seat) => !silent.has(seat) && seat.held.has(`trade:${symbol}`)).length;
      return {
        attempts: [...sim.attempts],
        open: sim.open.length,
        held: holding(SYMBOL),
        holdsCancelled: holding(ANOTHER) > 0,
        violations: sim.violations,
        framesSent: sim.framesSent,
        authRefusals: 0,
      };
    },
  };
}
