/** Everything that the venue traded, with when the relays got it. Times are the world's. */
export class SourceRecord {
  readonly #ids = new Map<string, number>();
  readonly #readAt = new Map<string, number>();

  /** The next trade of a topic. */
  next(topic: string): number {
    const id = this.last(topic) + 1;
    this.#ids.set(topic, id);
    return id;
  }

  /** The newest id of a topic; 0 before the first. */
  last(topic: string): number {
    return this.#ids.get(topic) ?? 0;
  }

  /** A relay read an event from its line. */
  read(topic: string, id: number, at: number): void {
    this.#readAt.set(`${topic} ${id}`, at);
  }

  /** When the last relay read it; `undefined` when none did. */
  readAt(topic: string, id: number): number | undefined {
    return this.#readAt.get(`${topic} ${id}`);
  }
}
