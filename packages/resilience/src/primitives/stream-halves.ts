import type { ReceivedFrame, ReconnectingConnection, SendOptions, WsSink } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";

/** What a program may send into a stream. */
export type StreamChunk = Parameters<WsSink["send"]>[0];

/** How a connection is made into streams. */
export interface StreamOptions {
  /**
   * What becomes of the reading side when the receive buffer dropped frames because the reader was
   * too slow. `"error"` (the default): it ends with a `WsError` `LAGGED`. `"continue"`: the next
   * frame follows, and the hole in `seq` shows how many are missing.
   */
  readonly onLag?: "error" | "continue" | undefined;
  /** Options of every send. Default: a frame is refused while the connection is down. */
  readonly send?: SendOptions | undefined;
}

/**
 * Reads a connection one frame at a time for a stream, so that nothing waits outside of the receive
 * buffer, and notices what that dropped.
 */
export class FramePull {
  readonly #connection: ReconnectingConnection;
  readonly #continues: boolean;
  #seq: number | undefined;

  constructor(connection: ReconnectingConnection, options: StreamOptions | undefined) {
    this.#connection = connection;
    this.#continues = options?.onLag === "continue";
  }

  /**
   * The next frame; `undefined` at the end.
   *
   * @throws WsError what ended the source, or `LAGGED`
   */
  async next(): Promise<ReceivedFrame | undefined> {
    const { source } = this.#connection;
    for (;;) {
      const frame = source.take();
      if (frame !== undefined) return this.#checked(frame);
      if (!(await source.readable())) return undefined;
    }
  }

  #checked(frame: ReceivedFrame): ReceivedFrame {
    const missing = this.#seq === undefined ? 0 : frame.seq - this.#seq - 1;
    this.#seq = frame.seq;
    if (missing === 0 || this.#continues) return frame;
    const { id, name } = this.#connection;
    throw new WsError({
      kind: "client",
      code: "LAGGED",
      message: `the reader of the stream was too slow: ${missing} frames were dropped`,
      connection: { id, name },
      epoch: frame.epoch,
    });
  }
}

/** The members of a stream's two sides, as the Streams Standard names them. */
export interface StreamHalves {
  readonly source: {
    pull(controller: { enqueue(frame: ReceivedFrame): void; close(): void }): Promise<void>;
    cancel(): Promise<void>;
  };
  readonly sink: {
    write(chunk: StreamChunk): Promise<void>;
    close(): Promise<void>;
    abort(): Promise<void>;
  };
}

/** What the streams of a connection are made of. Reading begins with the first `pull`. */
export function streamHalves(
  connection: ReconnectingConnection,
  options?: StreamOptions,
): StreamHalves {
  const frames = new FramePull(connection, options);
  const drop = (): Promise<void> => connection.control.shutdown({ timeoutMs: 0 });
  return {
    source: {
      async pull(controller) {
        const frame = await frames.next();
        if (frame === undefined) controller.close();
        else controller.enqueue(frame);
      },
      cancel: drop,
    },
    sink: {
      write: (chunk) => connection.sink.send(chunk, options?.send),
      close: () => connection.control.shutdown(),
      abort: drop,
    },
  };
}
