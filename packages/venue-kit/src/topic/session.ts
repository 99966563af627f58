import type { GapReason } from "./gap-record.js";

/**
 * An unbroken stretch of one connection: within it, whatever the venue sent on a topic arrived in
 * order and without loss. A new one begins with each transport epoch, after each frame that was
 * dropped or could not be read, and with a planned renewal.
 */
export interface Session {
  /** +1 for every connection established, over all connections of a feed. */
  readonly epoch: number;
  /**
   * Why the stretch before ended, for topics whose ids cannot tell what was lost; `undefined`:
   * nothing was lost.
   */
  readonly broke: GapReason | undefined;
}
