import { RollingLimit } from "@oath-ws/venue-kit";

/** How many messages an address may send. */
export interface MessageLimit {
  /**
   * Messages in any window. Default 6: the venue allows 8 a second (C-14), and what is spaced out
   * here bunches up on the way.
   */
  readonly max?: number | undefined;
  /** Milliseconds. Default 1 200. */
  readonly windowMs?: number | undefined;
}

/**
 * The messages of one IP address, over all its connections: the venue counts them together (C-14).
 * Give the same one to everything that talks to the venue from this process.
 */
export class MessageBudget extends RollingLimit {
  /** @throws ConfigError for a limit that cannot work */
  constructor({ max = 6, windowMs = 1_200 }: MessageLimit = {}) {
    super({ max, windowMs });
  }
}
