import { channelOf } from "./request.js";

/**
 * Breaks that concern single topics or channels only, counted beside those of the whole connection.
 * Numbers only rise, so that a topic's `stretch` does.
 */
export class Stretches {
  readonly #own = new Map<string, number>();

  /** Something of these topics, or of all topics of these channels, is missing. */
  lose(names: readonly string[]): void {
    for (const name of new Set(names)) this.#own.set(name, (this.#own.get(name) ?? 0) + 1);
  }

  /** How many breaks a topic had of its own. */
  of(topic: string): number {
    // Nearly always there was none, and this is asked for every event.
    if (this.#own.size === 0) return 0;
    const channel = channelOf(topic);
    const ofChannel = channel === topic ? 0 : (this.#own.get(channel) ?? 0);
    return ofChannel + (this.#own.get(topic) ?? 0);
  }
}
