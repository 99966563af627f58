import type { WsError } from "@oath-ws/contract";
import type { TopicPhase } from "../topic/topic-state.js";
import type { TopicWatch } from "../topic/topic-watch.js";

/** The better a phase is for a reader, the earlier it stands here. */
const BEST_FIRST: readonly TopicPhase[] = [
  "live",
  "stale",
  "recovering",
  "subscribing",
  "failed",
  "closed",
];

/** Where several lines of a topic stand together: as the best of them does. */
export function joinedPhase(states: readonly TopicWatch[]): {
  readonly phase: TopicPhase;
  readonly cause: WsError | undefined;
} {
  for (const phase of BEST_FIRST) {
    const state = states.find(({ snapshot }) => snapshot.phase === phase);
    if (state === undefined) continue;
    // It has ended only when the last event was read from it.
    if (phase === "failed" || phase === "closed") break;
    return { phase, cause: state.snapshot.cause };
  }
  return { phase: "recovering", cause: states[0]?.snapshot.cause };
}
