import type { PartialConfig } from "@oath-ws/resilience";
import type { FeedOptions } from "@oath-ws/venue-kit";

/** Market data of the live venue (C-1). */
export const MARKET_URL = "wss://advanced-trade-ws.coinbase.com";

/** The user channels of the live venue (C-1). */
export const USER_URL = "wss://advanced-trade-ws-user.coinbase.com";

/**
 * The venue's limits and habits, as settings of the stack.
 *
 * - attempts: 8 connections a second are allowed per IP (C-14), counted over both hosts; the gate
 *   counts per host, so each has a half
 * - liveness: heartbeats come every second, so 5 s of silence are a fault and 10 s a dead
 *   connection (C-9)
 * - limits: one snapshot of a book exceeds 4 MiB (C-17), and the buffer holds several
 */
export const COINBASE_CONFIG: PartialConfig = {
  attempts: { max: 4, windowMs: 1_000 },
  liveness: { probeAfterMs: 3_000, staleAfterMs: 5_000, deadAfterMs: 10_000 },
  buffer: { maxBytes: 128 * 1_048_576 },
  limits: { maxMessageBytes: 64 * 1_048_576 },
};

/** When missing heartbeats count. They come every second. */
export interface HeartbeatOptions {
  /**
   * Silence after which every topic of the connection is `stale`, although its pongs come, in
   * milliseconds. Default 5 000.
   */
  readonly staleAfterMs?: number | undefined;
  /** Silence after which the connection is replaced; more than `staleAfterMs`. Default 10 000. */
  readonly deadAfterMs?: number | undefined;
}

export const HEARTBEAT_STALE_MS = 5_000;
export const HEARTBEAT_DEAD_MS = 10_000;
/**
 * From the moment when the venue hears us, so that a login which is not answered counts as silence.
 * While the next connections are mute as well, each is given twice as long, up to 5 minutes.
 */
export function heartbeatRule({
  staleAfterMs = HEARTBEAT_STALE_MS,
  deadAfterMs = HEARTBEAT_DEAD_MS,
}: HeartbeatOptions = {}): NonNullable<FeedOptions["heartbeat"]> {
  return { staleAfterMs, deadAfterMs, maxDeadAfterMs: 300_000, expectedFrom: "greeted" };
}

/**
 * One command at a time: answers bear no id. A snapshot of several MiB comes before the
 * acknowledgement (C-5), and a request that was refused for the rate is made again meanwhile: so an
 * answer has more time than elsewhere.
 */
export const COMMANDS: FeedOptions["commands"] = {
  maxTopics: 100,
  maxInFlight: 1,
  answerTimeoutMs: 20_000,
  maxUnanswered: 3,
};

/** Products with level2 on one connection (C-15). */
export const MAX_LEVEL2 = 30;

/** Topics on one connection, to spread the load; the venue names no limit. */
export const MAX_TOPICS = 200;
