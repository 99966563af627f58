import { ConfigError } from "@oath-ws/contract";
import type { Timer } from "@oath-ws/contract";
import { count } from "../options/option-rules.js";
import type { Subscription } from "../topic/subscription.js";
import { policyIssues } from "../topic/topic-stream.js";
import type { StreamPolicy } from "../topic/topic-stream.js";
import { backfillIssues, lineIssues, MAX_HELD } from "./join-options.js";
import type { RecordRules } from "./record-rules.js";
import { TimeFilledSubscription } from "./time-filled-subscription.js";
import type { TimeBackfill } from "./time-joiner.js";

/** How the gaps of a subscription without consecutive ids are filled. */
export interface TimeFillOptions<T, R> {
  readonly timer: Timer;
  /** How its events are taken apart and compared. */
  readonly records: RecordRules<T, R>;
  readonly backfill: TimeBackfill<R>;
  /**
   * What to do when the reader is behind. Default `reliable` with 10 000 events. A `latest` reader
   * is never held, and nothing is filled for it: an older event would replace the newest.
   */
  readonly policy?: StreamPolicy | undefined;
  /** Events that may be held. Beyond that the gap before them is given up. Default 10 000. */
  readonly maxHeld?: number | undefined;
}

/**
 * Reads a subscription with its gaps filled by the venue's time, for topics whose ids are not
 * consecutive. Nothing else may read the subscription; closing the result closes it.
 *
 * @throws ConfigError for options that cannot work
 */
export function fillGapsByTime<T, R>(
  source: Subscription<T>,
  options: TimeFillOptions<T, R>,
): TimeFilledSubscription<T> {
  const { timer, records, backfill, policy = { kind: "reliable" }, maxHeld = MAX_HELD } = options;
  const issues = [
    ...policyIssues(policy),
    ...lineIssues([source]),
    ...count(maxHeld, "maxHeld"),
    ...backfillIssues(backfill),
  ];
  if (issues.length > 0) throw new ConfigError(issues);
  return new TimeFilledSubscription<T, R>({
    source,
    rules: records,
    clock: timer,
    backfill,
    policy,
    maxHeld,
  });
}
