/** Which of a simulator's connections count: those that fell silent for good stay open, and have nothing to say any more. */
export class Healthy {
  readonly #silent = new Set<number>();

  /** These are half-open from now on. */
  lost(connections: Iterable<number>): void {
    for (const id of connections) this.#silent.add(id);
  }

  /** How many of the others have this topic. */
  holding(subscriptions: readonly Held[], topic: (topics: readonly string[]) => boolean): number {
    return subscriptions.filter(({ connection, topics }) => !this.#silent.has(connection) && topic(topics)).length;
  }
}

/** What a connection has subscribed. */
export interface Held {
  readonly connection: number;
  readonly topics: readonly string[];
}
