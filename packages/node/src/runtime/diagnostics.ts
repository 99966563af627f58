import { channel } from "node:diagnostics_channel";
import type { ConnectionIdentity, ObservedConnection, TraceEvent, Tracer } from "@oath-ws/contract";

/**
 * The `node:diagnostics_channel` on which every connection made with `open()` or `build()`
 * publishes its trace events.
 */
export const TRACE_CHANNEL = "oath-ws:trace";

/**
 * The `node:diagnostics_channel` on which every connection is announced once, when it is opened and
 * before its first attempt, as a {@link ConnectionMessage}.
 */
export const CONNECTION_CHANNEL = "oath-ws:connection";

/**
 * The `node:diagnostics_channel` on which adapters that run on `nodeRuntime` announce every reader
 * when it is made, as a {@link ReaderMessage}.
 */
export const READER_CHANNEL = "oath-ws:reader";

/** The message of {@link READER_CHANNEL}. It keeps nothing alive. */
export interface ReaderMessage {
  /** `topic`, `trades`, `quotes`, `orders` or `book`: see `ObservedReader` of the venue kit. */
  readonly kind: string;
  /** The topic or the symbol as the venue writes it. */
  readonly name: string;
  /** Scheme, host and port of the venue; empty where the adapter did not tell. */
  readonly endpoint: string;
  /**
   * The reader, for a program that watches: its state and its gaps. `undefined` once its memory was
   * released. Call it each time again, do not keep what it returns, and read no events: they are
   * those of the reader's owner.
   */
  deref(): object | undefined;
}

/** The message of {@link CONNECTION_CHANNEL}. It keeps nothing alive. */
export interface ConnectionMessage {
  readonly connection: ConnectionIdentity;
  /** Scheme, host and port. */
  readonly endpoint: string;
  /**
   * The connection, for a program that watches: its figures, its lifecycle, and the right to ask
   * for a reconnect. `undefined` once the connection has ended and its memory was released. Call it
   * each time again and do not keep what it returns.
   */
  deref(): ObservedConnection | undefined;
}

const traceChannel = channel(TRACE_CHANNEL);
const connectionChannel = channel(CONNECTION_CHANNEL);
const readerChannel = channel(READER_CHANNEL);

/** Publishes on {@link CONNECTION_CHANNEL}. */
export function announceConnection(observed: ObservedConnection): void {
  if (!connectionChannel.hasSubscribers) return;
  const { connection, endpoint } = observed.lifecycle.snapshot;
  const reference = new WeakRef(observed);
  const message: ConnectionMessage = { connection, endpoint, deref: () => reference.deref() };
  connectionChannel.publish(message);
}

/** Publishes on {@link READER_CHANNEL}. */
export function announceReader({
  kind,
  name,
  endpoint,
  reader,
}: Omit<ReaderMessage, "deref"> & { readonly reader: object }): void {
  if (!readerChannel.hasSubscribers) return;
  const reference = new WeakRef(reader);
  const message: ReaderMessage = { kind, name, endpoint, deref: () => reference.deref() };
  readerChannel.publish(message);
}

/**
 * Publishes on {@link TRACE_CHANNEL}, then to the caller's own tracer. With neither listening an
 * event costs one check. A subscriber gets the {@link TraceEvent} as the message. What a subscriber
 * throws Node turns into an `uncaughtException` later; what the tracer throws is thrown on.
 *
 * A `fault` that neither would be told of, and one of the tracer itself, is a process warning.
 */
export function diagnosticsTracer(own: Tracer | undefined): Tracer {
  if (own === undefined) return channelTracer;
  return {
    trace(event: TraceEvent): void {
      publish(event);
      if (event.kind === "fault" && event.where === "tracer") warn(event);
      // A promise is passed on as well, so that its rejection is noticed.
      return own.trace(event);
    },
  };
}

const channelTracer: Tracer = {
  trace(event: TraceEvent): void {
    if (event.kind === "fault" && !traceChannel.hasSubscribers) warn(event);
    publish(event);
  },
};

function publish(event: TraceEvent): void {
  if (traceChannel.hasSubscribers) traceChannel.publish(event);
}

function warn({ connection, where, error }: Extract<TraceEvent, { readonly kind: "fault" }>): void {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { name } = connection;
  const message = `oath-ws: the ${where} of connection ${name} failed; the connection goes on`;
  process.emitWarning(message, { type: "OathWsFault", detail: what });
}
