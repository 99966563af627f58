import { Duplex } from "node:stream";
import type { ReconnectingConnection } from "@oath-ws/contract";
import { FramePull, streamHalves } from "@oath-ws/resilience";
import type { StreamChunk, StreamOptions } from "@oath-ws/resilience";

/**
 * A connection as a Node duplex in object mode: it gives `ReceivedFrame`s and takes strings, bytes
 * and frames. The connection is its own from then on: nothing else may read it.
 *
 * Backpressure, lag and failing sends are those of `toWebStreams`: one frame at most waits in the
 * duplex, all others in the receive buffer of the connection; when that drops frames the duplex is
 * destroyed with a `WsError` `LAGGED`, unless `onLag: "continue"`. `write()` returns `false` until
 * the operating system has the frame.
 *
 * `end()` shuts the connection down with a closing handshake, and `destroy()` drops it. When the
 * connection was shut down elsewhere the duplex gives `end`; when it failed for good, `error`.
 */
export function toNodeDuplex(connection: ReconnectingConnection, options?: StreamOptions): Duplex {
  const frames = new FramePull(connection, options);
  const { sink } = streamHalves(connection, options);
  return new Duplex({
    objectMode: true,
    readableHighWaterMark: 1,
    writableHighWaterMark: 1,
    read() {
      frames.next().then(
        (frame) => this.push(frame ?? null),
        (error: unknown) => this.destroy(error as Error),
      );
    },
    write(chunk: StreamChunk, _encoding, done) {
      settle(sink.write(chunk), done);
    },
    final(done) {
      settle(sink.close(), done);
    },
    destroy(error, done) {
      settle(sink.abort(), () => done(error));
    },
  });
}

/** Tells a callback of Node how a promise settled. */
function settle(promise: Promise<void>, done: (error?: Error | null) => void): void {
  promise.then(
    () => done(),
    (error: unknown) => done(error as Error),
  );
}
