import type { ConfigIssue } from "@oath-ws/contract";
import type { PartialConfig } from "@oath-ws/resilience";
import { numberIssues, unknownKeyIssues } from "@oath-ws/venue-kit";
import type { FeedOptions } from "@oath-ws/venue-kit";
import { LINES } from "./market-lines.js";
import type { LineOptions } from "./market-lines.js";
import { PULSE } from "./pulse.js";
import type { PulseOptions } from "./pulse.js";
import { withDefaults } from "./with-defaults.js";

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

const PULSE_KEYS: Readonly<Record<keyof PulseOptions, true>> = {
  ticEveryMs: true,
  staleAfterMs: true,
  deadAfterMs: true,
  idleAfterMs: true,
};

const LINE_KEYS: Readonly<Record<keyof LineOptions, true>> = {
  renewAfterMs: true,
  expireAfterMs: true,
};

/** Everything that is wrong with these options. */
export function feedIssues(pulse: PulseOptions = {}, lines: LineOptions = {}): ConfigIssue[] {
  const positive = (keys: object): Record<string, { min: number }> =>
    Object.fromEntries(Object.keys(keys).map((key) => [key, { min: 1 }]));
  const issues = [
    ...unknownKeyIssues(pulse, PULSE_KEYS, "pulse."),
    ...unknownKeyIssues(lines, LINE_KEYS, "lines."),
    ...numberIssues({ ...pulse }, positive(PULSE_KEYS), "pulse."),
    ...numberIssues({ ...lines }, positive(LINE_KEYS), "lines."),
  ];
  if (issues.length > 0) return issues;
  const beat = withDefaults(PULSE, pulse);
  const line = withDefaults(LINES, lines);
  if (beat.staleAfterMs >= beat.deadAfterMs) {
    const message = `must be greater than staleAfterMs (${beat.staleAfterMs}), got ${beat.deadAfterMs}`;
    issues.push({ path: "pulse.deadAfterMs", message });
  }
  if (line.renewAfterMs >= line.expireAfterMs) {
    const message = `must be less than expireAfterMs (${line.expireAfterMs}), got ${line.renewAfterMs}`;
    issues.push({ path: "lines.renewAfterMs", message });
  }
  return issues;
}
