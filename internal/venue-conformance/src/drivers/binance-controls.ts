import type { BinanceSim, BinanceSimOptions, Endpoint } from "@oath-ws/sim";
import type { StageOptions, VenueControls } from "@oath-ws/testing/venue";
import { venueControls } from "./controls.js";
import type { PublishedTopic } from "./controls.js";

/** A renewal that one can wait for. */
export const BINANCE_RENEWAL = {
  overlapMs: 50,
  quietMs: 100,
  timeoutMs: 5_000,
  retryMs: 1_000,
} as const;

/**
 * The simulator's own limits are the documented ones; a little is forgiven, since a busy machine
 * bunches up what was spaced out.
 */
export function binanceLimits({
  venueLimits,
}: StageOptions): NonNullable<BinanceSimOptions["limits"]> {
  return venueLimits === "real"
    ? { inboundSlackMs: 100 }
    : { inboundFrames: 10_000, connects: 10_000 };
}

/** The controls of a simulated Binance, for the connections of one of its endpoints. */
export function binanceControls(
  sim: BinanceSim,
  endpoint: Endpoint,
  topic: PublishedTopic,
  options: StageOptions,
): VenueControls {
  const parts = {
    topic,
    strike: (fault: "reset" | "half-open" | "mute") =>
      sim.faults.apply({ kind: fault }, { endpoint }).connections,
    revoke: () => void sim.faults.revokeKey(),
    refuse: (refusal: Parameters<typeof sim.faults.refuse>[0]) => void sim.faults.refuse(refusal),
    subscriptions: () =>
      sim
        .stats()
        .subscriptions.filter((each) => each.endpoint === endpoint)
        .map(({ connection, streams }) => ({ connection, topics: streams })),
    counts: () => {
      const {
        connects,
        open,
        rateViolations,
        connectViolations,
        weightViolations,
        bans,
        disconnects,
        framesSent,
        badRequests,
      } = sim.stats();
      return {
        attempts: connects
          .filter((each) => each.endpoint === endpoint)
          .map(({ at, status }) => ({ atMs: at, status })),
        open,
        violations:
          rateViolations + connectViolations + weightViolations + bans + disconnects.slowConsumer,
        framesSent,
        authRefusals: badRequests,
      };
    },
  };
  return venueControls(parts, options.refuse);
}
