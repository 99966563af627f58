import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import type { Frame, LeafEvents, TlsInfo, WsError } from "@oath-ws/contract";
import { frameTooBig, LeafShell } from "@oath-ws/resilience/leaf";
import type { InboundFrame, LeafShellOptions } from "@oath-ws/resilience/leaf";
import { fromNodeError } from "../errors/from-node-error.js";
import { violationError } from "../errors/violation-error.js";
import type { Established } from "./dialling.js";
import type { FrameSocket, FrameSocketEvents } from "./frame-socket.js";
import type { ReceivedClose } from "./protocol-violation.js";
import { TurnCork } from "./turn-cork.js";

type Done = (error?: Error | null) => void;

// `ws` copies these for every frame; one object each spares this class from doing the same.
const AS_TEXT = Object.freeze({ binary: false });
const AS_BINARY = Object.freeze({ binary: true });

/** One connection over an open socket, `ws`'s or our own. */
export class LeafConnection extends LeafShell implements FrameSocketEvents {
  readonly tls: TlsInfo | undefined;
  readonly controlFrames = true;
  readonly #socket: FrameSocket;
  readonly #stream: Duplex;
  readonly #cork: TurnCork;
  readonly #headers: Readonly<Record<string, string>>;
  #streamError: WsError | undefined = undefined;

  /**
   * @param socket open, and not read from yet: nothing may have happened between its opening and
   *   this
   * @param stream the one below it
   */
  constructor(
    socket: FrameSocket,
    stream: Duplex,
    { headers, tls }: Established,
    events: LeafEvents,
    options: LeafShellOptions,
  ) {
    super(events, options);
    this.#socket = socket;
    this.#stream = stream;
    this.#cork = new TurnCork(stream);
    this.#headers = headers;
    this.tls = tls;
    socket.listen(this);
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  /** Not enumerable: they may hold secrets. */
  get headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  get isPaused(): boolean {
    return this.#socket.isPaused;
  }

  // What the socket tells.

  onRead(): void {
    this.read();
  }

  onMessage(frame: InboundFrame): void {
    this.frame(frame);
  }

  onPing(data: Buffer): void {
    this.frame({ kind: "ping", data });
  }

  onPong(data: Buffer): void {
    this.frame({ kind: "pong", data });
  }

  onPeerClose(code: number, reason: Buffer): void {
    this.closed(code, reason);
  }

  onViolation(error: Error, received: ReceivedClose | undefined): void {
    this.failed(violationError(error, received));
  }

  onDropped(frames: number, bytes: number): void {
    this.dropped(frames, bytes);
  }

  onStreamError(error: Error): void {
    this.#streamError ??= fromNodeError(error, "the connection was lost");
  }

  /**
   * Without a close frame before it, `ws` would wait for our writes to drain into a peer that has
   * left.
   */
  onStreamEnd(): void {
    if (this.isReceiving) this.#socket.terminate();
  }

  /** The socket is gone, and what it had read is parsed. */
  onGone(code: number, reason: Buffer): void {
    if (code !== 1006) this.closed(code, reason);
    this.gone(this.#streamError);
  }

  // What the shell wants of the socket.

  protected write(frame: Frame | string | Uint8Array, done: Done): void {
    try {
      this.#write(frame, (error) => {
        // Of a destroyed socket Node reports a write as done that was cut off half way; the end of
        // the connection, which is about to be told, settles it.
        const failed = error !== undefined && error !== null;
        if (failed || !this.#stream.destroyed) done(error);
      });
    } catch (error) {
      // The frame is encoded before anything is written: it is more than the platform can allocate.
      if (error instanceof RangeError)
        throw frameTooBig(`the frame cannot be encoded: ${error.message}`, error);
      throw fromNodeError(error, "the frame could not be sent");
    }
    this.#cork.written();
  }

  protected writeClose(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  protected terminate(): void {
    this.#socket.terminate();
  }

  #write(frame: Frame | string | Uint8Array, done: Done): void {
    if (typeof frame === "string") return this.#socket.send(frame, AS_TEXT, done);
    if (frame instanceof Uint8Array) return this.#socket.send(frame, AS_BINARY, done);
    switch (frame.kind) {
      case "text":
        return this.#socket.send(frame.data, AS_TEXT, done);
      case "binary":
        return this.#socket.send(frame.data, AS_BINARY, done);
      case "ping":
      case "pong":
        return this.#socket[frame.kind](frame.data, done);
      case "close":
        throw new Error("a close frame passed frameFault");
      default:
        return frame satisfies never;
    }
  }
}
