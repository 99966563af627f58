import type { PartialConfig } from "@oath-ws/resilience";
import type { FeedOptions, RenewalOptions } from "@oath-ws/venue-kit";

/** Market streams of the live venue, with and without the port that some networks block (B-1). */
export const MARKET_URL = "wss://stream.binance.com:9443";

/**
 * Four of these streams in SBE, at an address of their own with the same limits (B-43). The venue's
 * test net has `wss://stream-sbe.testnet.binance.vision:9443`.
 */
export const SBE_URL = "wss://stream-sbe.binance.com:9443";

/**
 * The venue's limits, as settings of the stack.
 *
 * - send: 5 frames a second are allowed, pings and pongs included (B-7). Pongs are never held back,
 *   and what we space out here bunches up on the way, so it is 4 in one and a half seconds
 * - attempts: 300 in 5 minutes per IP (B-9), counted together with everyone who uses the same gate
 */
export const MARKET_CONFIG: PartialConfig = {
  send: { rateLimit: { max: 4, windowMs: 1_500 } },
  attempts: { max: 250, windowMs: 300_000 },
};

/**
 * Long SUBSCRIBE frames can be ignored silently, so they stay short and are answered one by one
 * (B-12).
 */
export const MARKET_COMMANDS: FeedOptions["commands"] = {
  maxTopics: 100,
  maxInFlight: 1,
  answerTimeoutMs: 10_000,
  maxUnanswered: 3,
};

/**
 * At most 1 024 streams a connection (B-8); some room is left for those that are being
 * unsubscribed.
 */
export const MAX_STREAMS_PER_CONNECTION = 1_000;

/** The venue ends every connection after 24 h (B-5). */
export const RENEWAL: RenewalOptions = {
  afterMs: 23 * 3_600_000,
  timeoutMs: 60_000,
  quietMs: 5_000,
  overlapMs: 2_000,
  retryMs: 60_000,
};
