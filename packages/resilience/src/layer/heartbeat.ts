import type { CloseFrame, DataFrame, Frame, ReadableOptions, WsConnection, WsSink, WsSource } from "@oath-ws/contract";
import type { Layer } from "./layer.js";

/** What the owner of the layer is told. */
export interface HeartbeatHooks {
  /** A pong goes out: the send limiter is charged, never asked. */
  readonly charge: () => void;
  /** A ping or a pong came in and went no further. */
  readonly absorbed: () => void;
}

/** What is left of the vocabulary behind this layer. */
type Uncontrolled = DataFrame | CloseFrame;

/** A connection whose source carries no ping and no pong any more. */
interface HeartbeatConnection extends WsConnection {
  readonly source: WsSource<Uncontrolled>;
}

/**
 * Answers pings at once and absorbs control frames, on the socket side of the receive buffer, so that neither a stuck consumer nor a
 * full buffer nor an exhausted send limit can keep a pong back (ADR-0033). The peer's close frame is passed on: it ends the
 * connection.
 */
export function heartbeat(hooks: HeartbeatHooks): Layer {
  return (inner) => ({
    async connect(handshake, options) {
      return withHeartbeat(await inner.connect(handshake, options), hooks);
    },
  });
}

function withHeartbeat(connection: WsConnection, hooks: HeartbeatHooks): HeartbeatConnection {
  return {
    sink: connection.sink,
    source: new HeartbeatSource(connection.source, new PongSender(connection.sink, hooks.charge), hooks.absorbed),
    lifecycle: connection.lifecycle,
    protocol: connection.protocol,
    controlFrames: connection.controlFrames,
    destroy: () => {
      connection.destroy();
    },
  };
}

class HeartbeatSource implements WsSource<Uncontrolled> {
  readonly #inner: WsSource<Frame>;
  readonly #pongs: PongSender;
  readonly #absorbed: () => void;

  constructor(inner: WsSource<Frame>, pongs: PongSender, absorbed: () => void) {
    this.#inner = inner;
    this.#pongs = pongs;
    this.#absorbed = absorbed;
    if (inner.divert !== undefined) {
      this.divert = (receiver) => {
        inner.divert?.((frame) => {
          if (this.#passes(frame)) receiver(frame);
        });
      };
    }
  }

  take(): Uncontrolled | undefined {
    for (;;) {
      const frame = this.#inner.take();
      if (frame === undefined) return undefined;
      if (this.#passes(frame)) return frame;
    }
  }

  /** Present when the leaf has it. */
  readonly divert?: NonNullable<WsSource<Uncontrolled>["divert"]>;

  #passes(frame: Frame): frame is Uncontrolled {
    if (frame.kind !== "ping" && frame.kind !== "pong") return true;
    if (frame.kind === "ping") this.#pongs.answer(frame.data);
    this.#absorbed();
    return false;
  }

  /** May report a frame that turns out to be a control frame; `take()` then finds nothing, and the caller waits again. */
  readable(options?: ReadableOptions): Promise<boolean> {
    return this.#inner.readable(options);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uncontrolled, undefined> {
    while (await this.readable()) {
      for (let frame = this.take(); frame !== undefined; frame = this.take()) yield frame;
    }
    return undefined;
  }
}

/**
 * Sends at most one pong at a time. While it is held up by a peer that does not read, only the newest ping is remembered, which
 * RFC 6455 section 5.5.3 allows: a flood of pings cannot fill our memory with pongs.
 */
class PongSender {
  readonly #sink: WsSink;
  readonly #charge: () => void;
  #sending = false;
  #next: Uint8Array | undefined;

  constructor(sink: WsSink, charge: () => void) {
    this.#sink = sink;
    this.#charge = charge;
  }

  answer(data: Uint8Array): void {
    if (this.#sending) {
      this.#next = data;
      return;
    }
    this.#sending = true;
    this.#charge();
    // A pong that cannot be sent means that the connection is ending, which its source reports.
    this.#sink.send({ kind: "pong", data }).then(this.#sent, this.#sent);
  }

  readonly #sent = (): void => {
    this.#sending = false;
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined) this.answer(next);
  };
}
