import type { RawData } from "ws";
import type { SimTimer } from "../platform.js";
import { resetSocket } from "../reset-socket.js";
import { pingFrame, pongFrame } from "./frame-encoder.js";
import { Outbox } from "./outbox.js";
import type { SimWebSocket } from "./sim-websocket.js";
import type { WireSocket } from "./wire-socket.js";

/** How long a client may take to answer our close frame, in real milliseconds. */
const CLOSE_TIMEOUT_MS = 3_000;

/** What a link stands on. */
export interface LinkParts {
  readonly ws: SimWebSocket;
  readonly socket: WireSocket;
  readonly timer: SimTimer;
  readonly maxPendingBytes: number;
}

/**
 * What a link tells its owner. Every call happens at most once per frame, and `ended` once per
 * link.
 */
export interface LinkEvents {
  /** A text or binary message arrived. */
  message(data: Buffer, isBinary: boolean): void;
  /** The peer pinged; the link has answered already, unless it does not answer pings. */
  ping(): void;
  pong(payload: Buffer): void;
  /** The peer broke RFC 6455; `ws` is ending the connection. */
  protocolError(): void;
  /** The socket is gone; nothing can be sent any more. */
  ended(code: number): void;
  /** The peer reads so slowly that `maxPendingBytes` were exceeded; the link has been reset. */
  overflowed(): void;
}

/**
 * One accepted WebSocket on the server's side: what goes out passes the {@link Outbox}, and the
 * transport can be made to misbehave. `ws` does the receiving and the closing handshake.
 */
export class Link {
  readonly #ws: SimWebSocket;
  readonly #socket: WireSocket;
  readonly #timer: SimTimer;
  readonly #outbox: Outbox;
  readonly #maxPendingBytes: number;
  readonly #events: LinkEvents;
  #state: "open" | "stalled" | "half-open" | "ended" = "open";
  #closing = false;
  #cancelCloseTimeout: () => void = () => {};
  #answersClose = true;
  #answersPings = true;
  #reads = true;

  constructor({ ws, socket, timer, maxPendingBytes }: LinkParts, events: LinkEvents) {
    this.#ws = ws;
    this.#socket = socket;
    this.#timer = timer;
    this.#outbox = new Outbox(socket, timer);
    this.#maxPendingBytes = maxPendingBytes;
    this.#events = events;
    ws.closeGate = (proceed) => {
      if (!this.#answersClose) return;
      this.#closing = true;
      this.#outbox.afterDrain(() => {
        proceed();
        this.#awaitClose();
      });
    };
    ws.on("message", (data: RawData, isBinary: boolean) =>
      events.message(data as Buffer, isBinary),
    );
    ws.on("ping", (payload: Buffer) => {
      if (this.#answersPings) this.write(pongFrame(payload));
      events.ping();
    });
    ws.on("pong", (payload: Buffer) => events.pong(payload));
    // A reset comes here as well; either way `close` follows, and that is what is acted on.
    ws.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code?.startsWith("WS_ERR_") === true) events.protocolError();
    });
    ws.on("close", (code: number) => this.#end(code));
  }

  /** False once it ended, once a close has begun, and while half-open. */
  get writable(): boolean {
    return !this.#closing && this.#state !== "ended" && this.#state !== "half-open";
  }

  /** True while nothing is written either: half-open, or in a stall. */
  get deaf(): boolean {
    return this.#state === "half-open" || this.#state === "stalled";
  }

  get ended(): boolean {
    return this.#state === "ended";
  }

  /** Sends the bytes of one or more whole frames. Returns false if they will never be sent. */
  write(bytes: Buffer): boolean {
    if (!this.writable) return false;
    this.#outbox.write(bytes);
    if (this.#outbox.pendingBytes > this.#maxPendingBytes) {
      this.#events.overflowed();
      this.reset();
      return false;
    }
    return true;
  }

  ping(payload: string): boolean {
    return this.write(pingFrame(Buffer.from(payload)));
  }

  /**
   * Starts the closing handshake, behind everything that is queued. Where close frames are ignored:
   * just ends TCP.
   */
  close(code?: number, reason?: string): void {
    if (this.#state === "ended" || this.#state === "half-open") return;
    if (this.#answersClose) this.#ws.close(code, reason);
    else this.destroy();
  }

  /** Ends the connection with a TCP reset. */
  reset(): void {
    if (this.#state === "ended") return;
    this.#outbox.close();
    resetSocket(this.#socket);
  }

  /** Ends the connection without a close frame, with a plain TCP end; a half-open one too. */
  destroy(): void {
    this.#outbox.close();
    this.#socket.destroy();
  }

  /**
   * Stops reading and writing for good; the TCP connection stays open, without a FIN or a reset.
   */
  halfOpen(): void {
    if (this.#state === "ended") return;
    this.#state = "half-open";
    this.#outbox.discard();
    this.#ws.pause();
  }

  /** Stops reading and writing until `resume`; nothing is lost. */
  stall(): void {
    if (this.#state !== "open") return;
    this.#state = "stalled";
    this.#outbox.stall();
    this.#ws.pause();
  }

  /** Ends a stall. */
  resume(): void {
    if (this.#state !== "stalled") return;
    this.#state = "open";
    this.#outbox.resume();
    if (this.#reads) this.#ws.resume();
  }

  /** Reads nothing until `readAgain`, and goes on writing. */
  stopReading(): void {
    this.#reads = false;
    this.#ws.pause();
  }

  /** Ends what `stopReading` began. */
  readAgain(): void {
    if (this.#reads) return;
    this.#reads = true;
    if (this.#state === "open") this.#ws.resume();
  }

  /** Limits outgoing bytes per real second; `undefined` lifts the limit. */
  throttle(bytesPerSecond: number | undefined): void {
    this.#outbox.throttle(bytesPerSecond);
  }

  /** From now on the peer's close frame is never answered, and our own closes come without one. */
  ignoreClose(): void {
    this.#answersClose = false;
  }

  /** From now on the peer's pings are not answered. */
  ignorePings(): void {
    this.#answersPings = false;
  }

  /** Gives up a client that does not end its side. */
  #awaitClose(): void {
    this.#cancelCloseTimeout();
    if (this.#state === "ended") return;
    this.#cancelCloseTimeout = this.#timer.schedule(CLOSE_TIMEOUT_MS, () => this.destroy());
  }

  #end(code: number): void {
    if (this.#state === "ended") return;
    this.#cancelCloseTimeout();
    this.#state = "ended";
    this.#outbox.close();
    this.#events.ended(code);
  }
}
