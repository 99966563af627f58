import type { ReceivedFrame, ReconnectingConnection } from "@oath-ws/contract";
import { streamHalves } from "../primitives/stream-halves.js";
import type { StreamChunk, StreamOptions } from "../primitives/stream-halves.js";

/** The two directions of a connection as web streams. */
export interface WebStreams {
  readonly readable: ReadableStream<ReceivedFrame>;
  readonly writable: WritableStream<StreamChunk>;
}

/**
 * The two directions of a connection as web streams. The connection is theirs from then on: nothing
 * else may read it.
 *
 * **Backpressure.** A server that is slowed down may drop the connection, so a slow reader
 * does not stop the socket. Frames wait in the receive buffer of the connection and
 * nowhere else (the stream's own queue holds none). When that is full its oldest frames are dropped
 * and counted in `totalLagged`, and the stream ends with a `WsError` `LAGGED`, unless
 * `onLag: "continue"` asks for the next frame with its hole in `seq`. A `write()` settles as
 * `sink.send()` does, and `writer.ready` waits for that: on Node until the operating system has the
 * frame. A platform's own WebSocket takes a frame at once, so there `write()` is refused with
 * `SEND_QUEUE_FULL` once `bufferedAmount` would exceed `config.send.maxPendingBytes`.
 *
 * **End.** The readable ends when the connection was shut down, and errors with what ended the
 * connection otherwise; a reconnect is neither, and shows as a step of `epoch`. The writable errors
 * with the first send that fails, also one that fails for an outage (see `options.send`); the
 * promise of its `write()` tells which frame it was. Closing the writable shuts the connection
 * down with a closing handshake; cancelling the readable or aborting the writable drops it.
 */
export function toWebStreams(
  connection: ReconnectingConnection,
  options?: StreamOptions,
): WebStreams {
  const { source, sink } = streamHalves(connection, options);
  return {
    readable: new ReadableStream<ReceivedFrame>(source, { highWaterMark: 0 }),
    writable: new WritableStream<StreamChunk>(sink, { highWaterMark: 1 }),
  };
}
