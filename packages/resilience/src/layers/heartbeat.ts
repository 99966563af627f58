import type {
  CloseFrame,
  ConnectOptions,
  DataFrame,
  Frame,
  Handshake,
  Lifecycle,
  ReadableOptions,
  WsConnection,
  WsConnector,
  WsSink,
  WsSource,
} from "@oath-ws/contract";
import type { Layer } from "./layer.js";

/** What the owner of the layer is told. */
export interface HeartbeatHooks {
  /** A pong goes out: the send limiter is charged, never asked. */
  charge(): void;
  /** A ping or a pong came in, and goes no further. */
  arrived(): void;
}

/** What is left of the vocabulary behind this layer. */
type Uncontrolled = DataFrame | CloseFrame;

/**
 * Answers pings at once and absorbs control frames, on the socket side of the receive buffer, so
 * that neither a stuck consumer nor a full buffer nor an exhausted send limit can keep a pong back
 * (ADR-0033). The peer's close frame is passed on: it ends the connection.
 */
export function heartbeat(hooks: HeartbeatHooks): Layer {
  return (inner) => new HeartbeatConnector(inner, hooks);
}

class HeartbeatConnector implements WsConnector {
  readonly #inner: WsConnector;
  readonly #hooks: HeartbeatHooks;

  constructor(inner: WsConnector, hooks: HeartbeatHooks) {
    this.#inner = inner;
    this.#hooks = hooks;
  }

  async connect(handshake: Handshake, options?: ConnectOptions): Promise<WsConnection> {
    return new HeartbeatConnection(await this.#inner.connect(handshake, options), this.#hooks);
  }
}

/** A connection whose source carries no ping and no pong any more. */
class HeartbeatConnection implements WsConnection {
  readonly source: WsSource<Uncontrolled>;
  readonly #inner: WsConnection;

  constructor(inner: WsConnection, hooks: HeartbeatHooks) {
    this.#inner = inner;
    this.source =
      inner.source.divert === undefined
        ? new HeartbeatSource(inner, hooks)
        : new DivertibleHeartbeatSource(inner, hooks);
  }

  get sink(): WsSink {
    return this.#inner.sink;
  }

  get lifecycle(): Lifecycle {
    return this.#inner.lifecycle;
  }

  get protocol(): string {
    return this.#inner.protocol;
  }

  get controlFrames(): boolean {
    return this.#inner.controlFrames;
  }

  destroy(): void {
    this.#inner.destroy();
  }
}

/**
 * Sends at most one pong at a time. While it is held up by a peer that does not read, only the
 * newest ping is remembered, which RFC 6455 section 5.5.3 allows: a flood of pings cannot fill our
 * memory with pongs.
 */
class HeartbeatSource implements WsSource<Uncontrolled> {
  protected readonly inner: WsConnection;
  readonly #hooks: HeartbeatHooks;
  #answering = false;
  #unanswered: Uint8Array | undefined = undefined;

  constructor(inner: WsConnection, hooks: HeartbeatHooks) {
    this.inner = inner;
    this.#hooks = hooks;
  }

  take(): Uncontrolled | undefined {
    for (;;) {
      const frame = this.inner.source.take();
      if (frame === undefined) return undefined;
      if (this.passes(frame)) return frame;
    }
  }

  /**
   * May report a frame that turns out to be a control frame; `take()` then finds nothing, and the
   * caller waits again.
   */
  readable(options?: ReadableOptions): Promise<boolean> {
    return this.inner.source.readable(options);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uncontrolled, undefined> {
    while (await this.readable()) {
      for (let frame = this.take(); frame !== undefined; frame = this.take()) yield frame;
    }
    return undefined;
  }

  protected passes(frame: Frame): frame is Uncontrolled {
    if (frame.kind !== "ping" && frame.kind !== "pong") return true;
    if (frame.kind === "ping") this.#answer(frame.data);
    this.#hooks.arrived();
    return false;
  }

  #answer(data: Uint8Array): void {
    if (this.#answering) {
      this.#unanswered = data;
      return;
    }
    this.#answering = true;
    this.#hooks.charge();
    const answered = (): void => this.#answered();
    // A pong that cannot be sent means that the connection is ending, which its source reports.
    this.inner.sink.send({ kind: "pong", data }).then(answered, answered);
  }

  #answered(): void {
    this.#answering = false;
    const next = this.#unanswered;
    this.#unanswered = undefined;
    if (next !== undefined) this.#answer(next);
  }
}

class DivertibleHeartbeatSource extends HeartbeatSource {
  divert(receiver: (frame: Uncontrolled) => void): void {
    this.inner.source.divert?.((frame) => {
      if (this.passes(frame)) receiver(frame);
    });
  }
}
