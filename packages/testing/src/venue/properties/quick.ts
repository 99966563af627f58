import type { PartialConfig } from "@oath-ws/resilience";
import type { StageOptions } from "../venue-under-test.js";

/**
 * Reconnects at once and finds a dead peer soon: what is looked at is what happens then, not when.
 */
export const QUICK: PartialConfig = {
  backoff: { minMs: 1, maxMs: 20 },
  attempts: { max: 1_000, windowMs: 1_000 },
  liveness: { probeAfterMs: 400, staleAfterMs: 600, deadAfterMs: 900 },
  shutdown: { timeoutMs: 200 },
};

/** A venue without limits, and an adapter in a hurry. */
export const UNLIMITED: Pick<StageOptions, "config" | "venueLimits"> = {
  config: QUICK,
  venueLimits: "none",
};
