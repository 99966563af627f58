import type { PartialConfig } from "@oath-ws/resilience";
import { HANDSHAKE } from "./rig.js";

/** Small figures, so that short runs meet every bound. */
export const MODEL_CONFIG = {
  connect: { timeoutMs: 2_000 },
  backoff: { minMs: 100, maxMs: 5_000, factor: 2, stableAfterMs: 3_000 },
  attempts: { max: 4, windowMs: 10_000, permanentRetries: 2 },
  liveness: { probeAfterMs: 2_000, staleAfterMs: 4_000, deadAfterMs: 6_000, writeStallMs: 5_000 },
  buffer: { maxFrames: 5, maxBytes: 60, staleReaderMs: 1_500 },
  send: { rateLimit: { max: 3, windowMs: 1_000 }, maxPending: 6, maxPendingBytes: 200 },
  shutdown: { timeoutMs: 1_000 },
  limits: { maxMessageBytes: 40 },
} as const satisfies PartialConfig;

/** The endpoints, the preferred one first. */
export const MODEL_URLS = [
  HANDSHAKE.url,
  "wss://second.example/stream",
  "wss://third.example/stream",
] as const;
