import type {
  Frame,
  LifecycleSnapshot,
  ReceivedFrame,
  ReconnectingConnection,
  ReconnectingConnector,
  SendOptions,
  WsSink,
  FrameSource,
} from "@oath-ws/contract";
import { ConfigError, isTerminal, isWsError } from "@oath-ws/contract";
import { withHalves } from "@oath-ws/resilience";
import { Recorder } from "./recorder.js";
import type { RecorderStats } from "./recorder.js";
import type { RecorderOptions } from "./recorder-options.js";

/** Options of {@link recordingConnector}. */
export interface RecordingConnectorOptions extends RecorderOptions {
  /** Called with the recorder of each connection, for its figures and for gaps to write down. */
  readonly onRecorder?: ((recorder: Recorder) => void) | undefined;
}

/**
 * Records every connection of a connector, each in files of its own, and hands all frames on: an
 * adapter whose `runtime.build` returns this reads as before. A frame is recorded when its reader
 * takes it; what the receive buffer drops before is told as a hole. The recording is complete when
 * the connection has shut down and {@link Recorder.close} has settled.
 *
 * `connect` also rejects with what {@link Recorder.open} rejects with; the connection is then shut
 * down.
 *
 * @throws ConfigError for what is no connector
 */
export function recordingConnector(
  inner: ReconnectingConnector,
  { onRecorder, ...options }: RecordingConnectorOptions,
): ReconnectingConnector {
  if (typeof inner?.connect !== "function")
    throw new ConfigError([{ path: "inner", message: "must have a method connect()" }]);
  return {
    connect: async (handshake, connectOptions) => {
      const connection = await inner.connect(handshake, connectOptions);
      try {
        const recorder = await Recorder.open(options, connection.lifecycle.snapshot);
        onRecorder?.(recorder);
        return tee(connection, recorder);
      } catch (error) {
        await connection.control.shutdown({ timeoutMs: 0 });
        throw error;
      }
    },
  };
}

/**
 * Reads a connection to its end and records it; the recorder is its one reader. Resolves with the
 * figures when the connection was shut down, or when `stats.error` says that the recording failed.
 * Rejects with what ended the source otherwise, with a ConfigError for what is no connection, and
 * with what {@link Recorder.open} rejects with.
 */
export async function record(
  connection: ReconnectingConnection,
  options: RecordingConnectorOptions,
): Promise<RecorderStats> {
  checkConnection(connection);
  const { onRecorder, ...rest } = options;
  const recorder = await Recorder.open(rest, connection.lifecycle.snapshot);
  onRecorder?.(recorder);
  try {
    for await (const batch of tee(connection, recorder).source.batches())
      if (batch.length > 0 && recorder.stats.error !== undefined) break;
  } finally {
    await recorder.close();
  }
  return recorder.stats;
}

/**
 * The same connection, whose frames, sends and states are recorded as they pass.
 *
 * @throws ConfigError for what is no connection
 */
export function tee(
  connection: ReconnectingConnection,
  recorder: Recorder,
): ReconnectingConnection {
  checkConnection(connection);
  const { lifecycle } = connection;
  const unsubscribe = lifecycle.subscribe(() => note(lifecycle.snapshot));
  const note = (snapshot: LifecycleSnapshot): void => {
    recorder.lifecycle(snapshot);
    if (isTerminal(snapshot.phase)) unsubscribe();
  };
  note(lifecycle.snapshot);
  const sink = recordingSink(connection, recorder);
  const source = recordingSource(connection.source, recorder);
  return withHalves(connection, { sink, source });
}

/** For callers without a compiler. */
function checkConnection(connection: ReconnectingConnection): void {
  const { source, sink, lifecycle } = Object(connection) as Partial<ReconnectingConnection>;
  const isConnection =
    typeof source?.take === "function" &&
    typeof sink?.send === "function" &&
    typeof lifecycle?.subscribe === "function";
  if (isConnection) return;
  throw new ConfigError([{ path: "connection", message: "must be one that open() gives" }]);
}

function recordingSource(inner: FrameSource, recorder: Recorder): FrameSource {
  const take = (): ReceivedFrame | undefined => {
    const frame = inner.take();
    if (frame !== undefined) recorder.frame(frame);
    return frame;
  };
  return {
    take,
    // The recorder may not have written the frame yet when it would have to be given back.
    borrow: take,
    readable: (options) => inner.readable(options),
    batches: async function* () {
      for await (const batch of inner.batches()) {
        for (const frame of batch) recorder.frame(frame);
        yield batch;
      }
    },
    async *[Symbol.asyncIterator]() {
      for await (const frame of inner) {
        recorder.frame(frame);
        yield frame;
      }
    },
  };
}

function recordingSink({ sink, lifecycle }: ReconnectingConnection, recorder: Recorder): WsSink {
  return {
    send: async (frame, options) => {
      const epoch = epochOf(lifecycle.snapshot, options);
      // Before its fate is known: its answer must stand behind it.
      recorder.sent(asFrame(frame), epoch);
      try {
        await sink.send(frame, options);
      } catch (error) {
        recorder.unsent(isWsError(error) ? error.code : "UNKNOWN", epoch);
        throw error;
      }
    },
    close: (code, reason) => sink.close(code, reason),
  };
}

/** A send that waits for a connection leaves in the next epoch. */
function epochOf(
  { epoch, downSince }: LifecycleSnapshot,
  options: SendOptions | undefined,
): number {
  const waits = options?.whileDown === "wait" && downSince !== undefined;
  return options?.epoch ?? (waits ? epoch + 1 : epoch);
}

function asFrame(frame: Frame | string | Uint8Array): {
  readonly kind: string;
  readonly data: Uint8Array | string;
} {
  if (typeof frame === "string") return { kind: "text", data: frame };
  return frame instanceof Uint8Array ? { kind: "binary", data: frame } : frame;
}
