/** Ids from first to last, inclusive. */
export interface IdSpan {
  readonly first: number;
  readonly last: number;
}

/** Consecutive events without a hole in their ids. */
export interface IdRange {
  readonly first: number;
  readonly last: number;
  readonly events: number;
}

/** What one connection was sent of one stream. */
export interface SentRecord {
  readonly connection: number;
  readonly stream: string;
  /**
   * Events handed to the socket. After a reset the last of them may not have reached the client.
   */
  readonly events: number;
  /**
   * Ids of those events, for the streams that number them: a new range starts at every hole, repeat
   * or swap.
   */
  readonly ranges: readonly IdRange[];
}

/** What was published and sent, from outside: the truth to compare a client with. */
export interface SimRecord {
  /**
   * Ids that were published on a stream while a client was subscribed to it, as ranges without
   * holes. A `gap` fault's events were not published; frames lost by a `drop` fault were.
   */
  published(stream: string): readonly IdRange[];
  /** What was handed to the sockets, by connection and stream. */
  sent(connection?: number): readonly SentRecord[];
}

interface Entry {
  events: number;
  ranges: Array<{ first: number; last: number; events: number }>;
}

/**
 * The simulator's own record, against which a test compares what a client got. Ranges, not lists: a
 * day of contiguous events is one entry.
 */
export class SentLog {
  readonly #keepPayloads: number;
  readonly #published: Map<string, Entry> = new Map();
  readonly #sent: Map<number, Map<string, Entry>> = new Map();
  readonly #payloads: Map<string, string[]> = new Map();

  constructor(keepPayloads: number) {
    this.#keepPayloads = keepPayloads;
  }

  /** True if payloads are to be noted with {@link payload}. */
  get keepsPayloads(): boolean {
    return this.#keepPayloads > 0;
  }

  /**
   * The venue published an event on a stream that a client is subscribed to. A `gap` fault's events
   * are not published.
   */
  published(stream: string, ids: IdSpan | undefined): void {
    add(entryOf(this.#published, stream), ids);
  }

  /** An event was handed to the socket of a connection. */
  sent(connection: number, stream: string, ids: IdSpan | undefined): void {
    let streams = this.#sent.get(connection);
    if (streams === undefined) {
      streams = new Map();
      this.#sent.set(connection, streams);
    }
    add(entryOf(streams, stream), ids);
  }

  payload(stream: string, text: string): void {
    const kept = this.#payloads.get(stream) ?? [];
    kept.push(text);
    if (kept.length > this.#keepPayloads) kept.shift();
    this.#payloads.set(stream, kept);
  }

  /** The record as users of the simulator see it. */
  get view(): SimRecord {
    return {
      published: (stream) => copied(this.#published.get(stream)?.ranges ?? []),
      sent: (connection) =>
        [...this.#sent]
          .filter(([id]) => connection === undefined || id === connection)
          .flatMap(([id, streams]) =>
            [...streams].map(([stream, { events, ranges }]) => ({
              connection: id,
              stream,
              events,
              ranges: copied(ranges),
            })),
          ),
    };
  }

  /** The last raw payloads published on a stream, oldest first. */
  payloads(stream: string): readonly string[] {
    return [...(this.#payloads.get(stream) ?? [])];
  }
}

function copied(ranges: readonly IdRange[]): readonly IdRange[] {
  return ranges.map((range) => ({ ...range }));
}

function entryOf(entries: Map<string, Entry>, stream: string): Entry {
  const known = entries.get(stream);
  if (known !== undefined) return known;
  const made: Entry = { events: 0, ranges: [] };
  entries.set(stream, made);
  return made;
}

function add(entry: Entry, ids: IdSpan | undefined): void {
  entry.events++;
  if (ids === undefined) return;
  const current = entry.ranges[entry.ranges.length - 1];
  if (current !== undefined && current.last + 1 === ids.first) {
    current.last = ids.last;
    current.events++;
  } else {
    entry.ranges.push({ first: ids.first, last: ids.last, events: 1 });
  }
}
