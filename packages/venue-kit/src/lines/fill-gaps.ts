import type { Subscription } from "../topic/subscription.js";
import { heldRange, joinChecked } from "./join-options.js";
import type { JoinOptions } from "./join-options.js";
import type { JoinedSubscription } from "./joined-subscription.js";

/** How the gaps of one subscription are filled. */
export type FillOptions<T> = Omit<JoinOptions<T>, "waitMs" | "lateMs">;

/**
 * Reads a subscription with its gaps filled by a backfill, and from a stored position. Nothing else
 * may read the subscription; closing the result closes it.
 *
 * ```ts
 * const trades = fillGaps(subscription, { timer, after: stored, backfill });
 * ```
 *
 * @throws WsError `LINES_REFUSED` for a topic whose ids are not consecutive or do not hold;
 *   ConfigError for options that cannot work
 */
export function fillGaps<T>(
  subscription: Subscription<T>,
  options: FillOptions<T>,
): JoinedSubscription<T> {
  const range = heldRange(subscription);
  return joinChecked([subscription], range, options);
}
