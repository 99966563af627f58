import type { WsError } from "@oath-ws/contract";

/** A message of a shard's stream. */
export interface StoredMessage {
  /** Its place in the stream; 1 for the first ever. Holes are what retention removed. */
  readonly seq: number;
  /** When the engine stored it, in Unix milliseconds of the engine's clock. */
  readonly timeMs: number;
  readonly data: Uint8Array;
}

/** The two ends of a shard's stream. */
export interface StreamEnds {
  /** The oldest message that is still there; `lastSeq + 1` for an empty stream. */
  readonly firstSeq: number;
  /** The newest message ever; 0 before the first. */
  readonly lastSeq: number;
  /** The newest message; `undefined` where retention has removed it. */
  readonly last: StoredMessage | undefined;
}

/** Where reading begins: at a message, or at a time of the engine's clock. */
export type ReadFrom = { readonly seq: number } | { readonly timeMs: number };

/** Is told what is read, in order. No method may throw. */
export interface ReadSink {
  /** @param pending messages that the stream held after this one when the engine sent it */
  message(message: StoredMessage, pending: number): void;
  /** Reading has ended and goes on only if it is begun again. */
  failed(error: WsError): void;
}

/** A value of the key-value store. */
export interface KeyEntry {
  readonly value: Uint8Array;
  /** Changes with every write. */
  readonly revision: number;
  /** When it was written, in Unix milliseconds of the engine's clock. */
  readonly timeMs: number;
}

/** A key-value store with compare-and-set: a part of the engine, which can be had alone. */
export interface KeyStore {
  /** Gives a value, `undefined` for a key that does not exist. */
  get(key: string): Promise<KeyEntry | undefined>;
  /**
   * Writes a value if its revision is this one, and gives the new revision. Rejects with
   * `RELAY_CONFLICT` if it is not.
   *
   * @param revision 0: the key must not exist
   */
  put(key: string, value: Uint8Array, revision: number): Promise<number>;
}

/** Is told whether the engine can be reached. No method may throw. */
export interface EngineListener {
  /** It can be reached again, and may have forgotten what it acknowledged. */
  up(): void;
  down(error: WsError): void;
}

/**
 * What the relay needs of an engine, for one shard: five verbs. All promises settle within a
 * bounded time, and reject with a `WsError`: `RELAY_CONFLICT` for what was certainly not done
 * because something else came first, and other codes where it may have been done. ADR-0061. /
 */
export interface RelayEngine extends KeyStore {
  readonly isUp: boolean;
  /** The longest message that it stores, in bytes. */
  readonly maxBytes: number;
  /**
   * Appends to the stream if its last message is `expectedSeq`, and gives the new one's place. If
   * this engine appended that message itself, it has to be that very one: a server that forgot may
   * have another owner's message at the same place. Appends are sent in the order of the calls, and
   * may be in flight together.
   */
  append(data: Uint8Array, expectedSeq: number): Promise<number>;
  /** Reads until the returned function is called, or `failed` is told. */
  read(from: ReadFrom, sink: ReadSink): () => void;
  ends(): Promise<StreamEnds>;
  /** Gives the function that ends it. */
  watch(listener: EngineListener): () => void;
  /** Ends the connection to the engine. Bounded, idempotent; never rejects. */
  close(): Promise<void>;
}
