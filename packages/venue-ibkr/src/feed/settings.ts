import type { PartialConfig } from "@oath-ws/resilience";
import type { FeedOptions } from "@oath-ws/venue-kit";

/** The WebSocket of a gateway on this machine (I-1). */
export const IBKR_URL = "wss://localhost:5000/v1/api/ws";

/**
 * The venue's limits and habits, as settings of the stack.
 *
 * - connect: an attempt begins with a request for the session, which may have to wait for its turn
 * - liveness: a heartbeat comes every 10 s, so 30 s of silence are a dead connection (I-21); it is
 *   not needed for that, pongs count as well (I-24)
 * - attempts: no limit is documented; each costs a `/tickle`
 * - send: none is documented either; nothing was held back with 25 topics at once (I-16)
 */
export const IBKR_CONFIG: PartialConfig = {
  connect: { timeoutMs: 20_000 },
  attempts: { max: 10, windowMs: 60_000 },
  liveness: { probeAfterMs: 12_000, staleAfterMs: 20_000, deadAfterMs: 30_000 },
  send: { rateLimit: { max: 25, windowMs: 1_000 } },
};

/**
 * One topic a command, as the grammar wants it. A line whose snapshot does not come is asked for
 * again, for as long as it is wanted: that says nothing about the connection.
 */
export const COMMANDS: FeedOptions["commands"] = {
  maxTopics: 1,
  maxInFlight: Number.POSITIVE_INFINITY,
  answerTimeoutMs: 20_000,
  maxUnanswered: Number.POSITIVE_INFINITY,
};

/** Market data lines of a user, without any that were bought (I-16). */
export const MAX_LINES = 100;

/** Histories at once (I-16). */
export const MAX_HISTORIES = 5;

/** How long the venue may take to greet. It takes a quarter of a second (I-5). */
export const GREETING_TIMEOUT_MS = 10_000;
