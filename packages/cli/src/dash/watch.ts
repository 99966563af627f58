import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { CONNECTION_CHANNEL, READER_CHANNEL, TRACE_CHANNEL } from "oath-ws";
import type { ConnectionMessage, ReaderMessage, TraceEvent } from "oath-ws";
import { now, unixMs } from "./clock.js";
import { TOPIC_ROWS } from "./protocol.js";
import type { Happening, ReaderPhase, TopicsView } from "./protocol.js";
import { Ring } from "./ring.js";
import { WatchedConnection } from "./watched-connection.js";
import { WatchedReader } from "./watched-reader.js";
import { lagWords, traceWords } from "./words.js";

/** Connections that have ended and are still shown. */
const MAX_ENDED = 20;
const MAX_HAPPENINGS = 500;
/** Readers that are looked at whenever the figures are read, to forget those that have ended. */
const LOOKED_AT = 500;

/** What needs attention comes first. */
const ORDER: readonly ReaderPhase[] = ["failed", "stale", "recovering", "subscribing", "live"];

/**
 * Everything that the dashboard knows of its process: the connections and readers that were made
 * since it began to watch, over the diagnostics channels. It changes nothing, keeps nothing alive,
 * and its memory is bounded by the connections and readers that there are.
 */
export class Watch {
  readonly happenings: Ring<Happening> = new Ring(MAX_HAPPENINGS);
  readonly #connections = new Map<string, WatchedConnection>();
  readonly #readers = new Map<number, WatchedReader>();
  #nextKey = 1;
  #looking = this.#readers.values();

  constructor() {
    subscribe(CONNECTION_CHANNEL, this.#onConnection);
    subscribe(READER_CHANNEL, this.#onReader);
    subscribe(TRACE_CHANNEL, this.#onTrace);
  }

  /** All that are up or were lately, in the order in which they were opened. */
  get connections(): Iterable<WatchedConnection> {
    return this.#connections.values();
  }

  connection(key: number | undefined): WatchedConnection | undefined {
    for (const connection of this.#connections.values())
      if (connection.key === key) return connection;
    return undefined;
  }

  reader(key: number | undefined): WatchedReader | undefined {
    return key === undefined ? undefined : this.#readers.get(key);
  }

  /** Notes what the program itself has to say. */
  note(level: Happening["level"], text: string): void {
    this.happenings.push({ at: unixMs(now()), connection: undefined, level, text });
  }

  /** Connections and readers that are remembered. */
  get size(): number {
    return this.#connections.size + this.#readers.size;
  }

  /** Reads the figures of all connections, and forgets some of what has ended. */
  sample(): void {
    const ended: string[] = [];
    for (const [id, connection] of this.#connections) {
      const lagged = connection.sample();
      if (lagged > 0) this.#happened(connection, now(), lagWords(lagged));
      if (connection.isOver) ended.push(id);
    }
    for (const id of ended.slice(0, -MAX_ENDED)) this.#connections.delete(id);
    this.#forgetReaders();
  }

  /**
   * The topics whose name holds `filter`, from the row `from` on; forgets those that have ended.
   */
  topics(filter: string, from: number): TopicsView {
    const byPhase = new Map<ReaderPhase, number>();
    const found = new Map<ReaderPhase, WatchedReader[]>(ORDER.map((phase) => [phase, []]));
    const wanted = filter.toLowerCase();
    for (const reader of this.#readers.values()) {
      const { phase } = reader;
      const list = found.get(phase);
      if (list === undefined) {
        this.#readers.delete(reader.key);
        continue;
      }
      byPhase.set(phase, (byPhase.get(phase) ?? 0) + 1);
      if (wanted === "" || reader.searched.includes(wanted)) list.push(reader);
    }
    const matching = Array.from(found.values()).flat();
    const start = Math.max(0, Math.min(from, matching.length - 1));
    const rows = matching.slice(start, start + TOPIC_ROWS).flatMap((reader) => reader.row() ?? []);
    return {
      byPhase: Object.fromEntries(byPhase),
      matching: matching.length,
      from: start,
      rows,
    };
  }

  /** Leaves the channels. */
  stop(): void {
    unsubscribe(CONNECTION_CHANNEL, this.#onConnection);
    unsubscribe(READER_CHANNEL, this.#onReader);
    unsubscribe(TRACE_CHANNEL, this.#onTrace);
  }

  /** Goes round all readers, a part of them each time. */
  #forgetReaders(): void {
    for (let looked = 0; looked < LOOKED_AT; looked++) {
      const { value: reader } = this.#looking.next();
      if (reader === undefined) {
        this.#looking = this.#readers.values();
        return;
      }
      if (reader.phase === "closed") this.#readers.delete(reader.key);
    }
  }

  readonly #onConnection = (message: unknown): void => {
    const announced = message as ConnectionMessage;
    const connection = new WatchedConnection(this.#nextKey++, announced);
    this.#connections.set(announced.connection.id, connection);
  };

  readonly #onReader = (message: unknown): void => {
    const reader = new WatchedReader(this.#nextKey++, message as ReaderMessage);
    this.#readers.set(reader.key, reader);
  };

  readonly #onTrace = (message: unknown): void => {
    const event = message as TraceEvent;
    const connection = this.#connections.get(event.connection.id);
    if (connection === undefined) return;
    connection.trace(event);
    const words = traceWords(event);
    if (words !== undefined) this.#happened(connection, event.at, words);
  };

  #happened(
    { key }: WatchedConnection,
    at: number,
    words: Pick<Happening, "level" | "text">,
  ): void {
    this.happenings.push({ at: unixMs(at), connection: key, ...words });
  }
}
