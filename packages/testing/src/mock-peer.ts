import type { CloseInfo, Frame, Handshake, LeafConnection, WsError } from "@oath-ws/contract";
import { decodeUtf8, socketLost } from "@oath-ws/resilience/leaf";
import { MockSocket } from "./mock-socket.js";
import type { MockSocketOptions } from "./mock-socket.js";
import { arrive } from "./network-timer.js";
import { toUtf8 } from "./utf8.js";

/** A frame that a {@link MockPeer} received. */
export type MockReceived = Frame & {
  /** When it left the client, in milliseconds of the timer. */
  readonly at: number;
};

/**
 * The server's hand on one accepted connection. The methods that send return whether the frame went
 * out: `false` once the connection is over or the peer's close frame has been sent. What they send
 * arrives at once, except while {@link goSilent}.
 */
export interface MockPeer {
  /** What the client asked for. */
  readonly handshake: Handshake;
  /** Whether the socket exists. */
  readonly isOpen: boolean;
  /**
   * Every frame that has arrived from the client, in order; payloads are copies. Its close frame is
   * among them.
   */
  readonly received: readonly MockReceived[];
  /** The payloads of the text frames among them, decoded. */
  readonly receivedTexts: readonly string[];
  /** The client's close frame, once it arrived; code 1005 when it had none. */
  readonly closeFrameReceived: CloseInfo | undefined;
  /** Whether the client dropped the socket: `destroy()`, or a close that was never answered. */
  readonly destroyedByClient: boolean;
  /** Whether pings of the client are answered. */
  autoPong: boolean;
  /** Whether the client's close frame is answered, which ends the connection. */
  answerClose: boolean;
  /** Sends any frame. */
  send(frame: Frame): boolean;
  text(data: string): boolean;
  binary(data: Uint8Array): boolean;
  /**
   * Throws a `RangeError` when the payload exceeds 125 bytes, as do {@link pong} and {@link close}.
   */
  ping(data?: string | Uint8Array): boolean;
  pong(data?: string | Uint8Array): boolean;
  /** Sends a part of a frame: the client sees that bytes arrive, but no frame. */
  partial(): boolean;
  /**
   * Sends a close frame, which the client's connector answers; then the connection is over. Without
   * a code the frame carries none.
   */
  close(code?: number, reason?: string): boolean;
  /**
   * The socket dies without a close frame, also while silent. Default error: kind `connection`,
   * code `SOCKET_LOST`.
   */
  reset(error?: WsError): void;
  /**
   * Half-open from now on: no packet crosses, neither way, and neither side is told. What the
   * client sends settles (its kernel takes it) but does not arrive here.
   */
  goSilent(): void;
  /**
   * Ends the silence. TCP repeats what was lost: both sides now get, in order, what was sent
   * meanwhile.
   */
  heal(): void;
  /**
   * Stops reading: what the client sends stays unsettled until {@link resumeReading}, or the end.
   */
  stopReading(): void;
  resumeReading(): void;
  /**
   * Calls `listener` for every frame that arrives from the client from now on. Returns the function
   * that unsubscribes.
   */
  onFrame(listener: (frame: MockReceived) => void): () => void;
}

/** What a {@link ScriptedPeer} needs from its connector. */
export interface ScriptedPeerOptions extends Omit<MockSocketOptions, "onLeave" | "onEnd"> {
  readonly handshake: Handshake;
  readonly autoPong: boolean;
  readonly answerClose: boolean;
  /**
   * How long a reaction (pong, close answer, `onFrame`) takes, in milliseconds; `undefined`: no
   * time, but not synchronous.
   */
  readonly reactAfterMs: number | undefined;
  readonly onEnd: () => void;
}

/**
 * The {@link MockPeer} behind the interface; the connector also takes the client's end of the wire
 * from it.
 */
export class ScriptedPeer implements MockPeer {
  readonly handshake: Handshake;
  readonly received: MockReceived[] = [];
  autoPong: boolean;
  answerClose: boolean;
  closeFrameReceived: CloseInfo | undefined;
  destroyedByClient = false;
  readonly #options: ScriptedPeerOptions;
  readonly #socket: MockSocket;
  readonly #listeners = new Set<(frame: MockReceived) => void>();
  /** What is under way in each direction while no packet crosses; `undefined` while they do. */
  #held: { readonly toClient: (() => void)[]; readonly toPeer: Frame[] } | undefined;
  #closeSent = false;

  constructor(options: ScriptedPeerOptions) {
    this.#options = options;
    this.handshake = options.handshake;
    this.autoPong = options.autoPong;
    this.answerClose = options.answerClose;
    this.#socket = new MockSocket({
      ...options,
      onLeave: (frame) => this.#onLeave(frame),
      onEnd: (byClient) => {
        this.destroyedByClient = byClient;
        options.onEnd();
      },
    });
  }

  /** Tells the client that the connection is open, and returns the client's end of the wire. */
  open(): LeafConnection {
    return this.#socket.open();
  }

  get isOpen(): boolean {
    return !this.#socket.isOver;
  }

  get receivedTexts(): readonly string[] {
    return this.received
      .filter((frame) => frame.kind === "text")
      .map((frame) => decodeUtf8(frame.data));
  }

  send(frame: Frame): boolean {
    if (frame.kind !== "text" && frame.kind !== "binary") checkControl(frame);
    if (!this.isOpen || this.#closeSent) return false;
    if (frame.kind === "close") this.#closeSent = true;
    // The client owns what it takes; the script may send the same buffer again.
    const own = { ...frame, data: new Uint8Array(frame.data) };
    this.#toClient(() => this.#socket.receive(own));
    return true;
  }

  text(data: string): boolean {
    return this.send({ kind: "text", data: toUtf8(data) });
  }

  binary(data: Uint8Array): boolean {
    return this.send({ kind: "binary", data });
  }

  ping(data: string | Uint8Array = ""): boolean {
    return this.send({ kind: "ping", data: bytes(data) });
  }

  pong(data: string | Uint8Array = ""): boolean {
    return this.send({ kind: "pong", data: bytes(data) });
  }

  partial(): boolean {
    if (!this.isOpen || this.#closeSent) return false;
    this.#toClient(() => this.#socket.receiveBytes());
    return true;
  }

  close(code = 1005, reason = ""): boolean {
    return this.send({ kind: "close", code, data: toUtf8(reason) });
  }

  reset(error: WsError = socketLost()): void {
    this.#socket.fail(error);
  }

  goSilent(): void {
    this.#held ??= { toClient: [], toPeer: [] };
  }

  heal(): void {
    const held = this.#held;
    this.#held = undefined;
    for (const frame of held?.toPeer ?? []) this.#onLeave(frame);
    for (const deliver of held?.toClient ?? []) deliver();
  }

  stopReading(): void {
    this.#socket.block();
  }

  resumeReading(): void {
    this.#socket.unblock();
  }

  onFrame(listener: (frame: MockReceived) => void): () => void {
    // Wrapped, so that the same function given twice is called twice.
    const entry = (frame: MockReceived): void => listener(frame);
    this.#listeners.add(entry);
    return () => {
      this.#listeners.delete(entry);
    };
  }

  #toClient(deliver: () => void): void {
    if (this.#held === undefined) deliver();
    else this.#held.toClient.push(deliver);
  }

  #onLeave(frame: Frame): void {
    if (this.#held !== undefined) {
      this.#held.toPeer.push(frame);
      return;
    }
    const received = { ...frame, at: this.#options.timer.now() };
    this.received.push(received);
    if (received.kind === "close") {
      this.closeFrameReceived = { code: received.code, reason: decodeUtf8(received.data) };
    }
    arrive(this.#options.timer, this.#options.reactAfterMs, () => this.#react(received));
  }

  #react(frame: MockReceived): void {
    if (frame.kind === "ping" && this.autoPong) this.pong(frame.data);
    if (frame.kind === "close" && this.answerClose) this.send(frame);
    for (const listener of this.#listeners) listener(frame);
  }
}

function bytes(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? toUtf8(data) : data;
}

function checkControl(frame: Frame): void {
  const limit = frame.kind === "close" ? 123 : 125;
  if (frame.data.length > limit) {
    throw new RangeError(
      `the payload of a ${frame.kind} frame has at most ${limit} bytes, got ${frame.data.length}`,
    );
  }
}
