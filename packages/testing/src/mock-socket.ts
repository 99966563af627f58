import type { Frame, LeafEvents, WsError } from "@oath-ws/contract";
import { LeafShell } from "@oath-ws/resilience/leaf";
import type { NetworkTimer } from "./network-timer.js";
import { outgoingFrame } from "./outgoing.js";
import { Outbox } from "./outbox.js";
import { toUtf8 } from "./utf8.js";

/** What a {@link MockSocket} needs from the mock connector and its peer. */
export interface MockSocketOptions {
  readonly events: LeafEvents;
  readonly timer: NetworkTimer;
  readonly protocol: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly controlFrames: boolean;
  /** How long a close waits for the peer's close frame, in milliseconds. */
  readonly closeTimeoutMs: number;
  /** A frame of the client left for the peer. */
  readonly onLeave: (frame: Frame) => void;
  /**
   * The socket is gone; once. `byClient`: it was dropped from here, without a complete closing
   * handshake.
   */
  readonly onEnd: (byClient: boolean) => void;
}

/**
 * One socket of a mock connection as the client's connector would run it. The peer's hand works on
 * it through `receive` and its siblings.
 */
export class MockSocket extends LeafShell {
  readonly protocol: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly controlFrames: boolean;
  readonly #options: MockSocketOptions;
  readonly #outbox: Outbox;
  #isOver = false;

  constructor(options: MockSocketOptions) {
    super(options.events, options);
    this.protocol = options.protocol;
    this.headers = options.headers;
    this.controlFrames = options.controlFrames;
    this.#options = options;
    this.#outbox = new Outbox(options.onLeave);
  }

  get bufferedBytes(): number {
    return this.#outbox.bytes;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The peer does not read: what the client sends waits. */
  block(): void {
    this.#outbox.block();
  }

  unblock(): void {
    this.#outbox.unblock();
  }

  /** Bytes arrive that complete no frame. */
  receiveBytes(): void {
    if (!this.#isOver) this.read();
  }

  /** A frame of the peer arrives. Its close frame is answered, and ends the connection. */
  receive(frame: Frame): void {
    if (this.#isOver) return;
    this.read();
    if (frame.kind === "close") {
      // RFC 6455 section 5.5.1: the answer carries the code that came. It may get stuck behind
      // sends that the peer does not read.
      if (!this.isClosing) this.#outbox.send(frame);
      this.closed(frame.code, frame.data);
      this.fail(undefined);
    } else if (this.controlFrames || frame.kind === "text" || frame.kind === "binary") {
      this.frame(frame);
    } else if (frame.kind === "ping") {
      // The platform under such a connector sees to them.
      this.#outbox.send({ kind: "pong", data: frame.data });
    }
  }

  /** The socket dies. */
  fail(error: WsError | undefined): void {
    if (this.#leave(false)) this.gone(error);
  }

  protected write(input: Frame | string | Uint8Array, done: () => void): void {
    this.#outbox.send(outgoingFrame(input, this.controlFrames), done);
  }

  protected writeClose(code: number, reason: string): void {
    this.#outbox.send({ kind: "close", code, data: toUtf8(reason) });
  }

  protected terminate(): void {
    this.#leave(true);
  }

  /** Returns whether the socket existed until now. */
  #leave(byClient: boolean): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#outbox.clear();
    this.#options.onEnd(byClient);
    return true;
  }
}
