/** How far a reader of a relay is behind its stream. */
export interface RelayProgress {
  /**
   * - `catchingUp`: older messages are read, or the reader waits for its own readers
   * - `live`: what comes is read as it comes
   * - `silent`: no watermark came for two periods, or the engine cannot be reached
   */
  readonly mode: "catchingUp" | "live" | "silent";
  /** Messages of the stream behind the one that was read last, when the engine sent that. */
  readonly behindMessages: number;
  /** Events and frames that were read and wait for their slowest reader. */
  readonly behindEvents: number;
  /**
   * How long ago the engine stored the message that was read last, in milliseconds; 0 if `live`.
   */
  readonly behindMs: number;
}
