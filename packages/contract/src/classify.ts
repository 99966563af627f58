import type { WsError } from "./errors.js";

/** `transient`: try again, for ever. `permanent`: a few more tries, then give up and say so. */
export type Verdict = "transient" | "permanent";

/** What is known when a failure is judged. */
export interface ClassifyContext {
  /**
   * Whether this connection has ever been up: a 404 means a typing error before, a deploy
   * afterwards.
   */
  readonly everConnected: boolean;
  /** Failures since a connection last proved itself stable, this one included. */
  readonly consecutiveFailures: number;
}

/**
 * Decides whether trying again can help. Refine the default by delegation: look at what you know (a
 * venue's close code, say) and hand the rest to `defaultClassify`. A `classify` that throws counts
 * as `transient`: a broken policy must not end a feed.
 */
export interface Classify {
  classify(error: WsError, context: ClassifyContext): Verdict;
}
