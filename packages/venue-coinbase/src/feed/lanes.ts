import type { FeedConnection } from "@oath-ws/venue-kit";
import type { Lane } from "./lane.js";

/** How many topics a connection may carry. */
export interface LaneLimits {
  readonly maxTopics: number;
  readonly maxLevel2: number;
}

/** As many connections as the topics need. */
export class Lanes {
  readonly #limits: LaneLimits;
  readonly #open: () => Lane;
  readonly #lanes = new Set<Lane>();
  /** Those that are being closed. */
  readonly #closing = new Set<Promise<void>>();

  constructor(limits: LaneLimits, open: () => Lane) {
    this.#limits = limits;
    this.#open = open;
  }

  get connections(): readonly FeedConnection[] {
    return Array.from(this.#lanes).flatMap(({ connections }) => connections);
  }

  get topics(): readonly string[] {
    return Array.from(this.#lanes).flatMap(({ topics }) => topics);
  }

  /** The lane that holds the topic. */
  of(topic: string): Lane | undefined {
    return Array.from(this.#lanes).find((lane) => lane.isOpen && lane.holds(topic));
  }

  /** A lane with room for a topic of this channel, opened if there is none. */
  withRoom(channel: string): Lane {
    const { maxTopics, maxLevel2 } = this.#limits;
    for (const lane of this.#lanes) {
      if (!lane.isOpen || lane.topics.length >= maxTopics) continue;
      if (channel !== "level2" || lane.count(channel) < maxLevel2) return lane;
    }
    const lane = this.#open();
    this.#lanes.add(lane);
    lane.onChange(() => this.#review(lane));
    return lane;
  }

  async shutdown(): Promise<void> {
    await Promise.all([...Array.from(this.#lanes, (lane) => lane.shutdown()), ...this.#closing]);
  }

  #review(lane: Lane): void {
    if (!lane.isOpen) this.#lanes.delete(lane);
    // One connection stays for whoever comes next.
    else if (lane.isIdle && this.#lanes.size > 1) {
      this.#lanes.delete(lane);
      const closing = lane.shutdown().finally(() => this.#closing.delete(closing));
      this.#closing.add(closing);
    }
  }
}
