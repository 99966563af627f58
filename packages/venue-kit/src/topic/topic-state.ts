import type { WsError } from "@oath-ws/contract";

/**
 * Where a topic stands.
 *
 * - `subscribing`: the venue has not confirmed it yet, for the first time
 * - `recovering`: the connection broke, or the topic has to be rebuilt; what was known of it is not
 *   to be trusted
 * - `live`: confirmed, and as fresh as its watchdog asks
 * - `stale`: confirmed, but silent for too long, or the connection is silent
 * - `failed`: refused for good; see `cause` (terminal)
 * - `closed`: cancelled, or the feed was shut down (terminal)
 */
export type TopicPhase = "subscribing" | "recovering" | "live" | "stale" | "failed" | "closed";

/**
 * The state of a topic at one instant. Immutable; every field is a level or a total that never
 * falls.
 */
export interface TopicSnapshot {
  readonly phase: TopicPhase;
  /** Since when ({@link Timer.now} milliseconds). */
  readonly since: number;
  /** The session in which the topic was last confirmed or heard; 0 before. */
  readonly epoch: number;
  /** Gaps so far. */
  readonly gaps: number;
  /**
   * Times events may have been lost. It rises at once, also where only the id of the next event can
   * tell whether any was. A reader that keeps a state made of events reads that state again.
   */
  readonly breaks: number;
  /** Times it went stale. */
  readonly staleCount: number;
  /**
   * Times it had to recover. It rises again when a connection ends that has brought events while
   * the topic was not confirmed: a reader that keeps a state made of events has to drop it.
   */
  readonly recoveries: number;
  /** Why it is not live, or was not when it last was not. */
  readonly cause: WsError | undefined;
}

/** Whether the topic's events come, as far as is known. */
export function flows({ phase }: Pick<TopicSnapshot, "phase">): boolean {
  return phase === "live" || phase === "stale";
}

/** Whether no further change will come. */
export function isFinalTopicPhase(phase: TopicPhase): phase is "failed" | "closed" {
  return phase === "failed" || phase === "closed";
}
