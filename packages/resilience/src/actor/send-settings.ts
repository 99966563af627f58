import type { RateLimit } from "./send-limit.js";

/** The settings of a send queue; see `ResilienceConfig.send`. */
export interface SendLimits {
  readonly rateLimit: RateLimit | undefined;
  readonly maxPending: number;
  readonly maxPendingBytes: number;
}

/** What the owner of a sink wants in the close frame. */
export interface CloseFrameInit {
  readonly code: number | undefined;
  readonly reason: string | undefined;
}

/** The owner has said nothing. */
export const NO_CLOSE_FRAME: CloseFrameInit = { code: undefined, reason: undefined };

/** How a `whileDown: "wait"` send is bounded in time unless it says otherwise, in milliseconds. */
export const DEFAULT_DEADLINE_MS = 10_000;
