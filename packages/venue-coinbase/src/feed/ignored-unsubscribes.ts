/** After so many unsubscriptions that changed nothing, a topic is not asked to be given up. */
const MAX_TRIES = 5;

/**
 * Counts the unsubscriptions that the venue answered on one connection without giving the topic up.
 */
export class IgnoredUnsubscribes {
  readonly #tries = new Map<string, number>();

  /**
   * The venue still lists these topics. Tells whether all of them were asked for so often that
   * asking again is of no use on this connection.
   */
  ignored(topics: readonly string[]): boolean {
    for (const topic of topics) this.#tries.set(topic, (this.#tries.get(topic) ?? 0) + 1);
    return topics.every((topic) => (this.#tries.get(topic) ?? 0) >= MAX_TRIES);
  }

  /** The venue's whole set: what is not in it was given up. */
  held(topics: ReadonlySet<string>): void {
    for (const topic of this.#tries.keys()) if (!topics.has(topic)) this.#tries.delete(topic);
  }
}
