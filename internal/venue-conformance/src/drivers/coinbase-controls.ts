import type { CoinbaseEndpoint, CoinbaseSim, CoinbaseSimOptions } from "@oath-ws/sim";
import type { StageOptions, VenueControls } from "@oath-ws/testing/venue";
import { venueControls } from "./controls.js";
import type { PublishedTopic } from "./controls.js";

/** Venue time passes so much faster where nothing depends on it: heartbeats come every 100 ms. */
const HURRY = 10;

/** The documented limits in real time; or none, in a hurry. */
export function coinbaseLimits({ venueLimits }: StageOptions): {
  readonly limits: NonNullable<CoinbaseSimOptions["limits"]>;
  readonly timeScale: number;
} {
  // A little is forgiven, since a busy machine bunches up what was spaced out.
  if (venueLimits === "real") return { limits: { slackMs: 100 }, timeScale: 1 };
  return { limits: { connects: 10_000, messages: 10_000 }, timeScale: HURRY };
}

/**
 * Heartbeats' silence: the topic's own where that is to be looked at, otherwise none that anybody
 * would notice.
 */
export function coinbaseSilence({
  silence,
  venueLimits,
}: StageOptions): { staleAfterMs: number; deadAfterMs: number } | undefined {
  if (venueLimits === "real") return undefined;
  if (silence === undefined) return { staleAfterMs: 50_000, deadAfterMs: 60_000 };
  return { staleAfterMs: silence.staleAfterMs, deadAfterMs: silence.reconnectAfterMs };
}

/** The controls of a simulated Coinbase, for the connections of one of its endpoints. */
export function coinbaseControls(
  sim: CoinbaseSim,
  endpoint: CoinbaseEndpoint,
  topic: PublishedTopic,
  options: StageOptions,
): VenueControls {
  const { timeScale } = coinbaseLimits(options);
  const target = { endpoint: endpoint === "user" ? "ws-api" : "stream" } as const;
  const parts = {
    topic,
    strike: (fault: "reset" | "half-open" | "mute") =>
      sim.faults.apply({ kind: fault }, target).connections,
    revoke: () => void sim.faults.revokeKey(),
    refuse: (refusal: Parameters<typeof sim.faults.refuse>[0]) => void sim.faults.refuse(refusal),
    subscriptions: () => sim.stats().subscriptions,
    counts: () => {
      const {
        connects,
        open,
        rateViolations,
        connectViolations,
        disconnects,
        requests,
        framesSent,
        authFailures,
      } = sim.stats();
      const { notSubscribed, idle, tooManyLevel2, slowConsumer } = disconnects;
      const refused = requests.filter(
        ({ error }) => error !== undefined && error !== "authentication failure",
      ).length;
      return {
        attempts: connects.map(({ at, status }) => ({ atMs: at / timeScale, status })),
        open,
        violations:
          rateViolations +
          connectViolations +
          notSubscribed +
          idle +
          tooManyLevel2 +
          slowConsumer +
          refused,
        framesSent,
        authRefusals: authFailures,
      };
    },
  };
  return venueControls(parts, options.refuse);
}
