import type { CoinbaseEndpoint, CoinbaseSim, CoinbaseSimOptions } from "@oath-ws/sim";
import type { StageOptions, VenueControls } from "../venue-under-test.js";
import { Healthy } from "./healthy.js";

/** What a feed's venue publishes, and how. */
export interface CoinbaseTopic {
  readonly topic: string;
  readonly another: string | undefined;
  lastItem(): number;
  publishSome(): void;
  flood(): void;
}

/** Venue time passes so much faster where nothing depends on it: heartbeats come every 100 ms. */
const HURRY = 10;

/** The documented limits in real time; or none, in a hurry. */
export function coinbaseLimits({ venueLimits }: StageOptions): Pick<CoinbaseSimOptions, "limits" | "timeScale"> {
  // A little is forgiven, since a busy machine bunches up what was spaced out.
  if (venueLimits === "real") return { limits: { slackMs: 100 }, timeScale: 1 };
  return { limits: { connects: 10_000, messages: 10_000 }, timeScale: HURRY };
}

/** Heartbeats' silence: the topic's own where that is to be looked at, otherwise none that anybody would notice. */
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
  scale: number,
  feed: CoinbaseTopic,
): VenueControls {
  const healthy = new Healthy();
  const target = { endpoint: endpoint === "user" ? "ws-api" : "stream" } as const;
  const held = (name: string | undefined): number =>
    healthy.holding(sim.stats().subscriptions, (topics) => name !== undefined && topics.includes(name));
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
    refuse: ({ count, status, retryAfterSeconds }) => {
      const headers = retryAfterSeconds === undefined ? {} : { headers: { "Retry-After": String(retryAfterSeconds) } };
      sim.faults.refuse({ count, status, ...headers });
    },
    counts: () => {
      const { connects, open, rateViolations, connectViolations, disconnects, requests, framesSent, authFailures } = sim.stats();
      const { notSubscribed, idle, tooManyLevel2, slowConsumer } = disconnects;
      const refused = requests.filter(({ error }) => error !== undefined && error !== "authentication failure").length;
      return {
        attempts: connects.map(({ at, status }) => ({ atMs: at / scale, status })),
        open,
        held: held(feed.topic),
        holdsCancelled: held(feed.another) > 0,
        violations: rateViolations + connectViolations + notSubscribed + idle + tooManyLevel2 + slowConsumer + refused,
        framesSent,
        authRefusals: authFailures,
      };
    },
  };
}
