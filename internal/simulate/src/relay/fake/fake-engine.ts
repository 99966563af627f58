import { WsError } from "@oath-ws/contract";
import type { Timer } from "@oath-ws/contract";
import type {
  EngineListener,
  KeyEntry,
  ReadFrom,
  ReadSink,
  RelayEngine,
  RelayErrorCode,
  StoredMessage,
  StreamEnds,
} from "@oath-ws/relay";

const TIMEOUT_MS = 2_000;
/** When a client notices that nothing comes through. */
const NOTICE_MS = 500;

interface Store {
  readonly messages: readonly StoredMessage[];
  readonly lastSeq: number;
  readonly lastId: number;
  readonly keys: ReadonlyMap<string, KeyEntry>;
  readonly revision: number;
}

/**
 * A server in memory, in virtual time: it can be killed, forget what it acknowledged, refuse for
 * want of room, and drop what is old.
 */
export class FakeServer {
  readonly timer: Timer;
  readonly engines: Set<FakeEngine> = new Set();
  isRunning = true;
  isFull = false;
  /** The next so many acknowledgements are lost: what was asked for is done. */
  loseAcks = 0;
  refused = 0;
  /** The way to the server, and the way back, in virtual milliseconds each. */
  latencyMs = 1;
  /** Called when a message was stored, before its reader is told. */
  onStored: (message: StoredMessage) => void = () => undefined;
  #messages: StoredMessage[] = [];
  #lastSeq = 0;
  /** The name of the last message, which no other ever has. */
  #lastId = 0;
  #ids = 0;
  #keys = new Map<string, KeyEntry>();
  #revision = 0;

  constructor(timer: Timer) {
    this.timer = timer;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get messages(): readonly StoredMessage[] {
    return this.#messages;
  }

  kill(): void {
    this.isRunning = false;
    for (const engine of this.engines) engine.look();
  }

  start(): void {
    this.isRunning = true;
    for (const engine of this.engines) engine.look();
  }

  save(): Store {
    return {
      messages: [...this.#messages],
      lastSeq: this.#lastSeq,
      lastId: this.#lastId,
      keys: new Map(this.#keys),
      revision: this.#revision,
    };
  }

  /** Forgets everything that came after {@link save}. */
  restore({ messages, lastSeq, lastId, keys, revision }: Store): void {
    this.#messages = [...messages];
    this.#lastSeq = lastSeq;
    this.#lastId = lastId;
    this.#keys = new Map(keys);
    this.#revision = revision;
  }

  /** Retention: keeps the newest so many messages. */
  trim(keep: number): void {
    this.#messages = keep === 0 ? [] : this.#messages.slice(-keep);
  }

  /** A name for a message. */
  newId(): number {
    return ++this.#ids;
  }

  append(
    data: Uint8Array,
    expectedSeq: number,
    id: number = this.newId(),
    expectedId: number = this.#lastId,
  ): number {
    if (this.isFull) throw relayError("RELAY_FULL", "no room");
    if (expectedSeq !== this.#lastSeq || expectedId !== this.#lastId) {
      this.refused++;
      throw relayError("RELAY_CONFLICT", "wrong last message");
    }
    const seq = ++this.#lastSeq;
    this.#lastId = id;
    const message = { seq, timeMs: this.timer.wallNow(), data };
    this.#messages.push(message);
    this.onStored(message);
    for (const engine of this.engines) engine.pump();
    return seq;
  }

  ends(): StreamEnds {
    const last = this.#messages.at(-1);
    const firstSeq = this.#messages[0]?.seq ?? this.#lastSeq + 1;
    return { firstSeq, lastSeq: this.#lastSeq, last };
  }

  get(key: string): KeyEntry | undefined {
    return this.#keys.get(key);
  }

  put(key: string, value: Uint8Array, revision: number): number {
    if ((this.#keys.get(key)?.revision ?? 0) !== revision)
      throw relayError("RELAY_CONFLICT", "wrong revision");
    this.#keys.set(key, { value, revision: ++this.#revision, timeMs: this.timer.wallNow() });
    return this.#revision;
  }
}

interface Reader {
  next: number;
  readonly sink: ReadSink;
  isOver: boolean;
  isPumping: boolean;
}

/** One client of the server. */
export class FakeEngine implements RelayEngine {
  readonly maxBytes = 1_000_000;
  /** Nothing comes through to or from the server. */
  #isCut = false;
  /** Its subscriptions bring nothing. */
  isStalled = false;
  isClosed = false;
  /** Called with each message that comes, before the reader gets it. */
  onMessage: (message: StoredMessage) => void = () => undefined;
  readonly #server: FakeServer;
  readonly #timer: Timer;
  readonly #listeners = new Set<EngineListener>();
  readonly #readers = new Set<Reader>();
  #isUp = true;
  /** What was appended last, as in the engine over NATS. */
  #last: { readonly seq: number; readonly id: number } | undefined;

  constructor(server: FakeServer, timer: Timer = server.timer) {
    this.#server = server;
    this.#timer = timer;
    server.engines.add(this);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get #reaches(): boolean {
    return this.#server.isRunning && !this.#isCut && !this.isClosed;
  }

  cut(): void {
    this.#isCut = true;
    this.look();
  }

  mend(): void {
    this.#isCut = false;
    this.look();
  }

  /** Something about the way to the server has changed: it is noticed a little later. */
  look(): void {
    this.#timer.schedule(this.#reaches ? 20 : NOTICE_MS, () => {
      if (this.#isUp === this.#reaches || this.isClosed) return;
      this.#isUp = this.#reaches;
      for (const listener of [...this.#listeners]) {
        if (this.#isUp) listener.up();
        else listener.down(relayError("RELAY_UNREACHABLE", "away"));
      }
      if (!this.#isUp) for (const reader of [...this.#readers]) this.#fail(reader);
    });
  }

  async append(data: Uint8Array, expectedSeq: number): Promise<number> {
    const expectedId = this.#last?.seq === expectedSeq ? this.#last.id : undefined;
    const id = this.#server.newId();
    try {
      const seq = await this.#ask(() => this.#server.append(data, expectedSeq, id, expectedId));
      this.#last = { seq, id };
      return seq;
    } catch (error) {
      this.#last = undefined;
      throw error;
    }
  }

  ends(): Promise<StreamEnds> {
    return this.#ask(() => this.#server.ends());
  }

  get(key: string): Promise<KeyEntry | undefined> {
    return this.#ask(() => this.#server.get(key));
  }

  put(key: string, value: Uint8Array, revision: number): Promise<number> {
    return this.#ask(() => this.#server.put(key, value, revision));
  }

  read(from: ReadFrom, sink: ReadSink): () => void {
    const reader: Reader = { next: 0, sink, isOver: false, isPumping: false };
    this.#readers.add(reader);
    this.#timer.schedule(2 * this.#server.latencyMs, () => {
      const { messages, lastSeq } = this.#server;
      reader.next =
        "seq" in from
          ? from.seq
          : (messages.find(({ timeMs }) => timeMs >= from.timeMs)?.seq ?? lastSeq + 1);
      this.#pump(reader);
    });
    return () => {
      reader.isOver = true;
      this.#readers.delete(reader);
    };
  }

  watch(listener: EngineListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  close(): Promise<void> {
    this.isClosed = true;
    this.#server.engines.delete(this);
    for (const reader of this.#readers) reader.isOver = true;
    this.#listeners.clear();
    return Promise.resolve();
  }

  pump(): void {
    for (const reader of this.#readers) this.#pump(reader);
  }

  #pump(reader: Reader): void {
    if (reader.isPumping || reader.next === 0) return;
    reader.isPumping = true;
    this.#timer.schedule(this.#server.latencyMs, () => {
      reader.isPumping = false;
      if (!this.#reaches || this.isStalled) return;
      const { messages, lastSeq } = this.#server;
      let at = messages.length;
      while (at > 0 && (messages[at - 1]?.seq ?? 0) >= reader.next) at--;
      for (let message = messages[at]; message !== undefined; message = messages[++at]) {
        if (reader.isOver) return;
        reader.next = message.seq + 1;
        this.onMessage(message);
        reader.sink.message(message, lastSeq - message.seq);
      }
    });
  }

  #fail(reader: Reader): void {
    this.#readers.delete(reader);
    if (reader.isOver) return;
    reader.isOver = true;
    reader.sink.failed(relayError("RELAY_UNREACHABLE", "away"));
  }

  /** Asks the server: the request, and the answer, may be lost on the way. */
  #ask<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(relayError("RELAY_TIMEOUT", "no answer"));
      const cancel = this.#timer.schedule(TIMEOUT_MS, late);
      this.#server.timer.schedule(this.#server.latencyMs, () => {
        if (!this.#reaches) return;
        let settle: () => void;
        try {
          const value = work();
          settle = () => resolve(value);
        } catch (error) {
          settle = () => reject(error);
        }
        if (this.#server.loseAcks > 0) {
          this.#server.loseAcks--;
          return;
        }
        this.#timer.schedule(this.#server.latencyMs, () => {
          if (!this.#reaches) return;
          cancel();
          settle();
        });
      });
    });
  }
}

function relayError(code: RelayErrorCode, message: string): WsError {
  return new WsError({ kind: "connection", code, message });
}
