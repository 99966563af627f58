import type { Topic } from "../topic/topic.js";

/** Topics that are stale because their connection is. */
export class SilencedTopics {
  readonly #topics = new Set<Topic<unknown>>();

  /** The connection is silent: makes all that are live stale. */
  silence(topics: Iterable<Topic<unknown>>): void {
    for (const topic of topics) {
      if (topic.watch.snapshot.phase !== "live") continue;
      topic.watch.enter("stale");
      this.#topics.add(topic);
    }
  }

  /** The connection is heard: makes them live again, and tells of each. */
  revive(onHeard: (topic: Topic<unknown>) => void): void {
    for (const topic of this.#topics) {
      if (topic.watch.snapshot.phase !== "stale") continue;
      topic.watch.enter("live");
      onHeard(topic);
    }
    this.#topics.clear();
  }

  delete(topic: Topic<unknown>): void {
    this.#topics.delete(topic);
  }

  clear(): void {
    this.#topics.clear();
  }
}
