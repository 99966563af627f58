/**
 * The histories that the venue streams to us: they end by its own number for them, which comes with
 * their first frame (I-17).
 */
export class Histories {
  readonly #current = new Map<string, string>();
  /** Histories that were asked for and cancelled before their number was known, by topic. */
  readonly #orphans = new Map<string, number>();
  readonly #over = new Set<string>();

  /** Histories that are not wanted and that hold a place at the venue. */
  get orphans(): number {
    return Array.from(this.#orphans.values()).reduce((sum, count) => sum + count, 0);
  }

  /** A connection, or a session, begins: there are none. */
  clear(): void {
    this.#current.clear();
    this.#orphans.clear();
    this.#over.clear();
  }

  /** The text that ends a topic's history; `undefined` while its number is not known. */
  end(topic: string): string | undefined {
    const serverId = this.#current.get(topic);
    this.#current.delete(topic);
    if (serverId === undefined) {
      this.#orphans.set(topic, (this.#orphans.get(topic) ?? 0) + 1);
      return undefined;
    }
    this.#over.add(serverId);
    return `umh+${serverId}`;
  }

  /**
   * Whose history a frame is of: the topic's, or one that is over, with what to say about it if it
   * is not known yet that it is.
   */
  judge(
    topic: string,
    serverId: string,
  ): { readonly kind: "current" } | { readonly kind: "over"; readonly say: string | undefined } {
    if (this.#current.get(topic) === serverId) return { kind: "current" };
    if (this.#over.has(serverId)) return { kind: "over", say: undefined };
    const orphans = this.#orphans.get(topic) ?? 0;
    if (orphans > 0) {
      // They come in the order in which they were asked for.
      if (orphans === 1) this.#orphans.delete(topic);
      else this.#orphans.set(topic, orphans - 1);
      this.#over.add(serverId);
      return { kind: "over", say: `umh+${serverId}` };
    }
    this.#current.set(topic, serverId);
    return { kind: "current" };
  }
}
