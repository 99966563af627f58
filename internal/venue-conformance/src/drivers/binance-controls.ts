import type { BinanceSim, BinanceSimOptions, Endpoint } from "@oath-ws/sim";
import type { Refusal, StageOptions, VenueControls } from "../venue-under-test.js";
import { Healthy } from "./healthy.js";

/** A renewal that one can wait for. */
export const BINANCE_RENEWAL = { overlapMs: 50, quietMs: 100, timeoutMs: 5_000, retryMs: 1_000 } as const;

/** What a feed's venue publishes, and how. */
export interface BinanceTopic {
  readonly topic: string;
  readonly another: string | undefined;
  lastItem(): number;
  publishSome(): void;
  flood(): void;
}

/** The simulator's own limits are the documented ones; a little is forgiven, since a busy machine bunches up what was spaced out. */
export function binanceLimits({ venueLimits }: StageOptions): NonNullable<BinanceSimOptions["limits"]> {
  return venueLimits === "real" ? { inboundSlackMs: 100 } : { inboundFrames: 10_000, connects: 10_000 };
}

/** The controls of a simulated Binance, for the connections of one of its endpoints. */
export function binanceControls(sim: BinanceSim, endpoint: Endpoint, feed: BinanceTopic): VenueControls {
  const healthy = new Healthy();
  const target = { endpoint } as const;
  const held = (name: string | undefined): number => {
    const subscriptions = sim.stats().subscriptions.filter((each) => each.endpoint === endpoint);
    const all = subscriptions.map(({ connection, streams }) => ({ connection, topics: streams }));
    return healthy.holding(all, (topics) => name !== undefined && topics.includes(name));
  };
  return {
    publish: (count) => {
      const last = feed.lastItem() + count;
      while (feed.lastItem() < last) feed.publishSome();
      return feed.lastItem();
    },
    flood: () => {
      feed.flood();
      return feed.lastItem();
    },
    strike: (fault) => {
      const { connections } = sim.faults.apply({ kind: fault }, target);
      if (fault === "half-open") healthy.lost(connections);
    },
    revoke: () => void sim.faults.revokeKey(),
    refuse: ({ count, status, retryAfterSeconds }: Refusal) => {
      const headers = retryAfterSeconds === undefined ? {} : { headers: { "Retry-After": String(retryAfterSeconds) } };
      sim.faults.refuse({ count, status, ...headers });
    },
    counts: () => {
      const { connects, open, rateViolations, connectViolations, weightViolations, bans, disconnects, framesSent, badRequests } =
        sim.stats();
      return {
        attempts: connects.filter((each) => each.endpoint === endpoint).map(({ at, status }) => ({ atMs: at, status })),
        open,
        held: held(feed.topic),
        holdsCancelled: held(feed.another) > 0,
        violations: rateViolations + connectViolations + weightViolations + bans + disconnects.slowConsumer,
        framesSent,
        authRefusals: badRequests,
      };
    },
  };
}
