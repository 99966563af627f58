import type { ConfigIssue, Timer } from "@oath-ws/contract";
import { ConfigError, WsError } from "@oath-ws/contract";
import { numberIssues } from "../options/number-issues.js";
import { elapsedTimer } from "../options/elapsed-timer.js";
import type { Subscription } from "../topic/subscription.js";
import type { TopicRules } from "../topic/topic-rules.js";
import { policyIssues } from "../topic/topic-stream.js";
import type { StreamPolicy } from "../topic/topic-stream.js";
import type { Backfill } from "./gap-filler.js";
import { JoinedSubscription } from "./joined-subscription.js";

/** How lines are joined, and holes filled. */
export interface JoinOptions<T> {
  readonly timer: Timer;
  /**
   * What to do when the reader is behind. Default `reliable` with 10 000 events. A `latest` reader
   * is never held, and nothing is filled for it: an older event would replace the newest.
   */
  readonly policy?: StreamPolicy | undefined;
  /**
   * The last id that the reader has, as `position` gave it before a restart. What came between it
   * and the first event is filled, or told in a gap record with reason `restart`. Default: the
   * first event begins the stream.
   */
  readonly after?: number | undefined;
  /** Where missing events can be had. Default: nowhere, they are told as gaps. */
  readonly backfill?: Backfill<T> | undefined;
  /**
   * How long events wait for a line that is behind and may bring what is missing before them, in
   * milliseconds. Default 1 000.
   */
  readonly waitMs?: number | undefined;
  /**
   * How long a line may still bring what was given up, in milliseconds; then it becomes a gap
   * record. Default 60 000.
   */
  readonly lateMs?: number | undefined;
  /** Events that may be held. Beyond that the hole before them is given up. Default 10 000. */
  readonly maxHeld?: number | undefined;
}

const WAIT_MS = 1_000;
const LATE_MS = 60_000;
/** Events that may be held, by default. */
export const MAX_HELD = 10_000;

/**
 * Joins lines that were checked.
 *
 * @throws ConfigError for options that cannot work
 */
export function joinChecked<T>(
  lines: readonly [Subscription<T>, ...Subscription<T>[]],
  range: NonNullable<TopicRules<T>["range"]>,
  options: JoinOptions<T>,
): JoinedSubscription<T> {
  const { timer, policy = { kind: "reliable" }, after, backfill } = options;
  const { waitMs = WAIT_MS, lateMs = LATE_MS, maxHeld = MAX_HELD } = options;
  const issues = [...policyIssues(policy), ...lineIssues(lines), ...optionIssues(options)];
  if (issues.length > 0) throw new ConfigError(issues);
  const { topic, rules } = lines[0];
  return new JoinedSubscription({
    topic,
    rules,
    policy,
    lines,
    range,
    timer: elapsedTimer(timer),
    clock: timer,
    after,
    backfill,
    waitMs,
    lateMs,
    maxHeld,
  });
}

/** The ids of a topic, if they can be compared between connections. */
export function heldRange<T>(subscription: Subscription<T>): NonNullable<TopicRules<T>["range"]> {
  const { range, idsHold } = (subscription.rules ?? {}) as Partial<TopicRules<T>>;
  if (range === undefined)
    throw refusal(subscription, "its events have no consecutive ids, so nothing can be compared");
  if (idsHold !== true)
    throw refusal(subscription, "its ids are not the same on another connection");
  return range;
}

/** The error for a topic that cannot be joined. */
export function refusal<T>({ topic }: Subscription<T>, why: string): WsError {
  const message = `the topic ${topic} cannot be joined: ${why}`;
  return new WsError({ kind: "client", code: "LINES_REFUSED", message });
}

/** What is wrong with lines: a joiner must see all that they bring. */
export function lineIssues<T>(lines: readonly Subscription<T>[]): ConfigIssue[] {
  return lines.flatMap(({ policy }, index) =>
    policy.kind === "reliable"
      ? []
      : [{ path: `lines[${index}].policy`, message: "must be reliable: what it drops is missing" }],
  );
}

function optionIssues<T>({ backfill, ...options }: JoinOptions<T>): ConfigIssue[] {
  return [
    ...numberIssues(options, {
      after: { min: 0, whole: true },
      waitMs: { min: 0 },
      lateMs: { min: 0 },
      maxHeld: { min: 1, whole: true },
    }),
    ...backfillIssues(backfill),
  ];
}

/** What is wrong with the numbers of a backfill. */
export function backfillIssues(backfill: object | undefined): ConfigIssue[] {
  return numberIssues(
    { ...backfill },
    {
      fillWithinMs: { min: 0 },
      timeoutMs: { min: 1 },
      tries: { min: 1, whole: true },
      maxIds: { min: 1, whole: true },
    },
    "backfill.",
  );
}
