import type { Subscription } from "../topic/subscription.js";
import type { TopicEvent } from "../topic/topic-event.js";
import type { TopicSnapshot } from "../topic/topic-state.js";

/** Who follows a topic. */
export interface TopicFollower<T> {
  /** The state moved; several moves may have become one. */
  moved(before: TopicSnapshot, now: TopicSnapshot): void;
  event(event: TopicEvent<T>): void;
}

/**
 * Follows the events and the state of a topic together: whichever moves, the state is told first,
 * so that a follower hears of a break before it gets anything that came after it. Resolves when the
 * topic has ended, rejects with what ended it.
 */
export async function followTopic<T>(
  subscription: Subscription<T>,
  follower: TopicFollower<T>,
): Promise<void> {
  const { state } = subscription;
  let seen = state.snapshot;
  const look = (): Promise<undefined> => state.changed({ since: seen }).then(() => undefined);
  let changed = look();
  const tell = (): void => {
    if (state.snapshot === seen) return;
    const before = seen;
    seen = state.snapshot;
    changed = look();
    follower.moved(before, seen);
  };
  let readable = subscription.readable();
  for (;;) {
    const first = await Promise.race([readable, changed]);
    tell();
    if (first === undefined && !state.isFinal) continue;
    if (!(await readable)) return;
    // It may have moved in between, before the events that are there now.
    tell();
    for (let event = subscription.take(); event !== undefined; event = subscription.take())
      follower.event(event);
    readable = subscription.readable();
  }
}
