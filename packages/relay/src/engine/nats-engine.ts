import type { WsError } from "@oath-ws/contract";
import type { ConsumerMessages, JetStreamClient, JetStreamManager } from "@nats-io/jetstream";
import { DeliverPolicy } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import { nuid } from "@nats-io/transport-node";
import type { NatsConnection } from "@nats-io/transport-node";
import type {
  EngineListener,
  KeyEntry,
  ReadFrom,
  ReadSink,
  RelayEngine,
  StoredMessage,
  StreamEnds,
} from "./engine.js";
import { fromNatsError } from "./nats-errors.js";
import { NatsKeys } from "./nats-keys.js";
import { relayError } from "./relay-error.js";

/** How much a reader asks the server for in advance. */
const AHEAD_MESSAGES = 500;

/** The server says that it is there this often while it has nothing, in milliseconds. */
const HEARTBEAT_MS = 1_000;
const EXPIRES_MS = 10_000;

/** How long the goodbye to the server may take, in milliseconds. */
const CLOSE_MS = 1_000;

/** Room for the subject and the headers of a message, in bytes. */
const HEADERS_BYTES = 1_024;

/** What a {@link NatsEngine} is made of. */
export interface NatsParts {
  readonly connection: NatsConnection;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly kv: KV;
  readonly stream: string;
  readonly subject: string;
  readonly timeoutMs: number;
}

/** The engine over NATS JetStream: a stream for the shard, and a bucket for all shards. */
export class NatsEngine implements RelayEngine {
  readonly #parts: NatsParts;
  readonly #listeners = new Set<EngineListener>();
  readonly #keys: NatsKeys;
  #isUp = true;
  /** What this engine appended last, and has not been refused to follow. */
  #last: { readonly seq: number; readonly id: string } | undefined;

  constructor(parts: NatsParts) {
    this.#parts = parts;
    this.#keys = new NatsKeys(parts.kv);
    void this.#follow();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get maxBytes(): number {
    return (this.#parts.connection.info?.max_payload ?? 1_048_576) - HEADERS_BYTES;
  }

  async append(data: Uint8Array, expectedSeq: number): Promise<number> {
    const { js, subject, timeoutMs: timeout } = this.#parts;
    if (!this.#isUp) throw unreachable();
    const last = this.#last?.seq === expectedSeq ? { lastMsgID: this.#last.id } : {};
    const expect = { lastSequence: expectedSeq, ...last };
    const msgID = nuid.next();
    try {
      const { seq } = await js.publish(subject, data, { msgID, expect, timeout });
      this.#last = { seq, id: msgID };
      return seq;
    } catch (error) {
      // The caller looks what stands there, before it appends behind that.
      this.#last = undefined;
      throw fromNatsError(error);
    }
  }

  read(from: ReadFrom, sink: ReadSink): () => void {
    const reading = new Reading(this.#parts, sink);
    void reading.begin(from);
    return () => reading.stop();
  }

  async ends(): Promise<StreamEnds> {
    const { manager, stream } = this.#parts;
    try {
      const { state } = await manager.streams.info(stream);
      const { first_seq: first, last_seq: lastSeq } = state;
      const found =
        state.messages === 0 ? null : await manager.streams.getMessage(stream, { seq: lastSeq });
      const last: StoredMessage | undefined =
        found === null
          ? undefined
          : { seq: found.seq, timeMs: found.time.getTime(), data: found.data };
      return { firstSeq: state.messages === 0 ? lastSeq + 1 : first, lastSeq, last };
    } catch (error) {
      throw fromNatsError(error);
    }
  }

  get(key: string): Promise<KeyEntry | undefined> {
    return this.#keys.get(key);
  }

  put(key: string, value: Uint8Array, revision: number): Promise<number> {
    return this.#keys.put(key, value, revision);
  }

  watch(listener: EngineListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async close(): Promise<void> {
    const { connection } = this.#parts;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    try {
      await Promise.race([connection.close(), late]);
    } catch {
      // It is over either way.
    } finally {
      clearTimeout(timer);
    }
  }

  async #follow(): Promise<void> {
    for await (const status of this.#parts.connection.status()) {
      if (status.type === "disconnect") this.#turn(false);
      else if (status.type === "reconnect") this.#turn(true);
    }
  }

  #turn(isUp: boolean): void {
    if (this.#isUp === isUp) return;
    this.#isUp = isUp;
    for (const listener of Array.from(this.#listeners)) {
      if (isUp) listener.up();
      else listener.down(unreachable());
    }
  }
}

/** One reader of the stream, with a consumer of its own on the server. */
class Reading {
  readonly #parts: NatsParts;
  readonly #sink: ReadSink;
  #messages: ConsumerMessages | undefined;
  #isOver = false;

  constructor(parts: NatsParts, sink: ReadSink) {
    this.#parts = parts;
    this.#sink = sink;
  }

  async begin(from: ReadFrom): Promise<void> {
    try {
      const { js, stream } = this.#parts;
      const consumer = await js.consumers.get(
        stream,
        "seq" in from
          ? { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: from.seq }
          : {
              deliver_policy: DeliverPolicy.StartTime,
              opt_start_time: new Date(from.timeMs).toISOString(),
            },
      );
      const messages = await consumer.consume({
        max_messages: AHEAD_MESSAGES,
        idle_heartbeat: HEARTBEAT_MS,
        expires: EXPIRES_MS,
        callback: ({ seq, data, info }) => {
          if (this.#isOver) return;
          const timeMs = info.timestampNanos / 1e6;
          this.#sink.message({ seq, timeMs, data }, info.pending);
        },
      });
      this.#messages = messages;
      if (this.#isOver) {
        this.stop();
        return;
      }
      const error = await messages.closed();
      this.#fail(error instanceof Error ? fromNatsError(error) : ended());
    } catch (error) {
      this.#fail(fromNatsError(error));
    }
  }

  stop(): void {
    this.#isOver = true;
    this.#messages?.close().catch(() => undefined);
  }

  #fail(error: WsError): void {
    if (this.#isOver) return;
    this.stop();
    this.#sink.failed(error);
  }
}

function unreachable(): WsError {
  return relayError("RELAY_UNREACHABLE", "The NATS server cannot be reached; it is tried again.");
}

function ended(): WsError {
  return relayError("RELAY_FAILED", "The server ended the subscription; it is begun again.");
}
