import { Buffer } from "node:buffer";
import type { Lifecycle, ReconnectingConnection, SendOptions, WsError } from "@oath-ws/contract";
import { isWsError } from "@oath-ws/contract";
import { closeFault } from "@oath-ws/resilience/leaf";
import { nodeTimer } from "../runtime/node-runtime.js";
import type { ProtocolsSource, UrlSource } from "./address.js";
import { connectSocket } from "./connect-socket.js";
import { DeferredLifecycle } from "./deferred-lifecycle.js";
import { isFault, Narrator } from "./narrator.js";
import type { Audience, Ending } from "./narrator.js";
import { messageData, sendPayload } from "./payload.js";
import type { SocketBinaryType, SocketSendData } from "./payload.js";
import { checkBinaryType } from "./reconnecting-web-socket-options.js";
import type { ReconnectingWebSocketOptions } from "./reconnecting-web-socket-options.js";
import { domError } from "./socket-errors.js";
import { SocketEventTarget } from "./socket-event-target.js";
import * as events from "./socket-events.js";

/** What {@link ReconnectingWebSocket.close} was called with, and when. */
interface Closing {
  readonly code: number;
  readonly reason: string;
  readonly wasOpen: boolean;
  readonly at: number;
}

/**
 * A WebSocket that stays up, in the shape of the standard one: for programs that use `ws` by its
 * events, reconnecting-websocket or partysocket, and are to get the resilience stack without being
 * rewritten. New code is better off with `open()`, whose sends tell what became of them and whose
 * reader sets the pace.
 *
 * ```ts
 * const socket = new ReconnectingWebSocket("wss://stream.example.com/ws");
 * socket.addEventListener("open", ({ isReconnect }) => socket.send(subscription(isReconnect)));
 * socket.addEventListener("message", ({ data }) => handle(data));
 * socket.addEventListener("close", ({ willReconnect, cause }) => alarm(willReconnect, cause));
 * ```
 *
 * **Events.** `open` for every connection, the first and each later one. `message`. `close` for
 * every connection that ends, as reconnecting-websocket has it, and once at the very end with
 * `willReconnect: false`; so each `open` has its `close`, and all messages of a connection come
 * between the two. `error` for every failed attempt, every connection that broke, and every frame
 * that was accepted by `send()` and did not leave (`EPOCH_ENDED`), or of which nobody knows
 * (`SEND_FATE_UNKNOWN`); a peer that closes politely is no error. `stale` when nothing arrives any
 * more, `lag` when messages were dropped. Watch `lifecycle` for what decisions hang on: it cannot
 * be missed, where an event can.
 *
 * **State.** `readyState` is what the events have told: `CONNECTING` while down, `OPEN` from `open`
 * to `close`, `CLOSING` after `close()`, `CLOSED` when it is over, for which see
 * `close.willReconnect`. What is over stays over: make a new one.
 *
 * **Sending.** `send()` throws unless the socket is `OPEN`, also in states in which the standard
 * drops the frame in silence, and the frame belongs to the connection whose `open` was last told:
 * if that is lost first, there is an `error` event and no second try. `whileDown: "wait"` is the
 * exception to both, if you ask for it.
 *
 * **Listeners** run synchronously, one message after the other, so there is nothing between them
 * and the socket that could grow; a listener that blocks holds up the whole process, and one that
 * is `async` is not waited for. One that throws does not disturb the others or the connection; the
 * exception becomes an `uncaughtException`, as with every `EventTarget` of Node. No promise of this
 * class rejects unhandled, and after `close()` nothing of it keeps the process alive.
 */
export class ReconnectingWebSocket extends SocketEventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;

  /**
   * The state as a last value, with the totals: what is sure, where an event may have been missed
   * by a listener that came late.
   */
  readonly lifecycle: Lifecycle;
  readonly #connecting: Promise<ReconnectingConnection>;
  readonly #release: () => void;
  readonly #sendOptions: SendOptions | undefined;
  readonly #shutdownTimeoutMs: number;
  #connection: ReconnectingConnection | undefined;
  #readyState: 0 | 1 | 2 | 3 = ReconnectingWebSocket.CONNECTING;
  #epoch = 0;
  #attemptsAtOpen = 0;
  #url: string;
  #protocol = "";
  #binaryType: SocketBinaryType;
  #bufferedAmount = 0;
  #unsettledSends = 0;
  #closing: Closing | undefined;
  /** The last thing to tell. */
  #end: Ending | undefined;

  /**
   * Starts to connect.
   *
   * @param url an absolute `ws:` or `wss:` URL, or a function that is asked for one before every
   *   attempt. While it fails the socket is `CONNECTING`, and asks again
   * @param protocols subprotocols to offer, best first, or a function that is asked for them.
   *   Default none
   * @throws ConfigError with everything that is wrong with the options; a `WsError` named
   *   `SyntaxError` for a URL or subprotocols (`URL_INVALID`, `HANDSHAKE_OPTIONS_INVALID`) that
   *   cannot be used
   */
  constructor(url: UrlSource, protocols?: ProtocolsSource, options?: ReconnectingWebSocketOptions) {
    super();
    const started = connectSocket(url, protocols, options, {
      onUrl: (asked) => {
        this.#url = asked;
      },
      onProtocol: (protocol) => {
        this.#protocol = protocol;
      },
    });
    this.#url = started.url;
    this.#shutdownTimeoutMs = started.config.shutdown.timeoutMs;
    this.#binaryType = options?.binaryType ?? "arraybuffer";
    this.#sendOptions =
      options?.whileDown === "wait"
        ? { whileDown: "wait", deadlineMs: options.whileDownDeadlineMs ?? 10_000 }
        : undefined;
    this.#release = started.release;
    this.#connecting = started.connecting;
    this.lifecycle = new DeferredLifecycle(started.connecting.then(({ lifecycle }) => lifecycle));
    void started.connecting.then((connection) => {
      this.#connection = connection;
      new Narrator(connection, this.#audience).start();
    });
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  /** Where the last attempt went; empty until a URL function has answered. May hold a token. */
  get url(): string {
    return this.#url;
  }

  /** The subprotocol that the server chose for the last connection; empty when none. */
  get protocol(): string {
    return this.#protocol;
  }

  /**
   * Always empty: which extensions are in use is not told. Compression is off unless
   * `ws.perMessageDeflate` asks for it.
   */
  get extensions(): string {
    return "";
  }

  /** Bytes given to `send()` of which it is not known yet that they left. */
  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  /** Attempts of the present outage beyond the first; 0 while up. */
  get retryCount(): number {
    if (this.#readyState === ReconnectingWebSocket.OPEN) return 0;
    return Math.max(0, this.lifecycle.snapshot.attempts - this.#attemptsAtOpen - 1);
  }

  /**
   * What a binary message is handed over as. Default `"arraybuffer"`. Setting another than these
   * two throws a `ConfigError`.
   */
  get binaryType(): SocketBinaryType {
    return this.#binaryType;
  }

  set binaryType(binaryType: SocketBinaryType) {
    checkBinaryType(binaryType);
    this.#binaryType = binaryType;
  }

  /**
   * Sends a string as text, bytes as binary. The bytes are copied, so they may be changed at once.
   *
   * @throws WsError `NOT_CONNECTED` while `CONNECTING` (unless `whileDown` is `"wait"`),
   *   `SHUT_DOWN` while `CLOSING` or `CLOSED`, both named `InvalidStateError`; `FRAME_INVALID` for
   *   what cannot be sent
   */
  send(data: SocketSendData): void {
    const payload = sendPayload(data);
    if (this.#readyState === ReconnectingWebSocket.CONNECTING) {
      if (this.#sendOptions === undefined)
        throw notOpen("NOT_CONNECTED", "there is no connection to send on");
    } else if (this.#readyState !== ReconnectingWebSocket.OPEN) {
      throw notOpen("SHUT_DOWN", "the socket was closed, or has given up");
    }
    const bytes = Buffer.byteLength(payload);
    this.#bufferedAmount += bytes;
    this.#unsettledSends++;
    const settled = (): void => {
      this.#bufferedAmount -= bytes;
      this.#unsettledSends--;
      this.#tellEnd();
    };
    this.#hand(payload).then(settled, (error: unknown) => {
      // The sink rejects with nothing else.
      if (isWsError(error)) this.dispatchEvent(new events.SocketErrorEvent(error));
      settled();
    });
  }

  /**
   * Ends the socket for good: no further attempt, no further message; the `close` event follows, at
   * the latest after `config.shutdown.timeoutMs`. Without effect when it was called before.
   *
   * @param code 1000 (the default), or 3000-4999
   * @param reason at most 123 bytes of UTF-8
   * @throws WsError `FRAME_INVALID`, named `InvalidAccessError` for the code and `SyntaxError` for
   *   the reason; nothing was closed then
   */
  close(code?: number, reason?: string): void {
    const codeFault = closeFault(code, undefined);
    if (codeFault !== undefined)
      throw domError("InvalidAccessError", {
        kind: "client",
        code: "FRAME_INVALID",
        message: codeFault,
      });
    const reasonFault = closeFault(undefined, reason);
    if (reasonFault !== undefined)
      throw domError("SyntaxError", {
        kind: "client",
        code: "FRAME_INVALID",
        message: reasonFault,
      });
    if (this.#readyState >= ReconnectingWebSocket.CLOSING) return;
    // The connection may be gone already, and its end not told yet.
    const wasOpen =
      this.#readyState === ReconnectingWebSocket.OPEN &&
      this.lifecycle.snapshot.downSince === undefined;
    this.#closing = { code: code ?? 1000, reason: reason ?? "", wasOpen, at: nodeTimer.now() };
    this.#readyState = ReconnectingWebSocket.CLOSING;
    void this.#shutdown(this.#closing);
  }

  /**
   * Drops the connection and makes a new one at once, without the backoff, but never past the
   * attempt gate or a server's `Retry-After`. A `close` and an `open` follow.
   *
   * @param _code taken for compatibility and not sent: there is no closing handshake
   * @param reason appears in `cause`; must hold no secret
   * @throws WsError `SHUT_DOWN`, named `InvalidStateError`, while `CLOSING` or `CLOSED`
   */
  reconnect(_code?: number, reason?: string): void {
    if (this.#readyState >= ReconnectingWebSocket.CLOSING)
      throw notOpen("SHUT_DOWN", "the socket was closed, or has given up");
    void this.#connecting.then(({ trigger }) => trigger.forceReconnect(reason));
  }

  /** Closes the socket, and resolves when it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await (await this.#connecting).control.shutdown();
  }

  /** In `OPEN` the connection is always there; only a frame that waits may be there before it. */
  async #hand(payload: string | Uint8Array): Promise<void> {
    const options = this.#sendOptions ?? { epoch: this.#epoch };
    const { sink } = this.#connection ?? (await this.#connecting);
    await sink.send(payload, options);
  }

  async #shutdown({ code, reason }: Closing): Promise<void> {
    const { control } = await this.#connecting;
    await control.shutdown({ code, reason });
  }

  readonly #audience: Audience = {
    opened: (epoch) => {
      this.#epoch = epoch;
      this.#attemptsAtOpen = this.lifecycle.snapshot.attempts;
      if (this.#closing !== undefined) return;
      this.#readyState = ReconnectingWebSocket.OPEN;
      this.dispatchEvent(new events.SocketOpenEvent(epoch));
    },
    message: (frame) => {
      if (this.#closing !== undefined) return;
      this.dispatchEvent(
        new events.SocketMessageEvent(messageData(frame, this.#binaryType), frame),
      );
    },
    lagged: (fromSeq, toSeq) => {
      if (this.#closing === undefined)
        this.dispatchEvent(new events.SocketLagEvent(fromSeq, toSeq));
    },
    stale: (epoch) => {
      if (this.#closing === undefined)
        this.dispatchEvent(new events.SocketStaleEvent(epoch, this.lifecycle.lastInboundAt));
    },
    failed: (error) => {
      if (this.#closing === undefined) this.dispatchEvent(new events.SocketErrorEvent(error));
    },
    closed: (ending) => {
      if (ending.final) {
        this.#end = ending;
        this.#tellEnd();
      } else if (this.#closing === undefined) {
        this.#tellClosed(ending, ReconnectingWebSocket.CONNECTING);
      }
    },
  };

  /**
   * Frames that will not leave any more are told of first, so that the final `close` is the last
   * event.
   */
  #tellEnd(): void {
    const ending = this.#end;
    if (ending === undefined || this.#unsettledSends > 0) return;
    this.#end = undefined;
    this.#release();
    this.#tellClosed(ending, ReconnectingWebSocket.CLOSED);
  }

  #tellClosed(ending: Ending, readyState: 0 | 3): void {
    this.#readyState = readyState;
    if (this.#closing !== undefined) {
      this.dispatchEvent(this.#closed(ending, this.#closing));
      return;
    }
    const { cause } = ending;
    if (cause !== undefined && isFault(cause))
      this.dispatchEvent(new events.SocketErrorEvent(cause));
    // A listener may have closed the socket just now: then the final event follows.
    if (ending.final || this.#closing === undefined) this.dispatchEvent(lost(ending));
  }

  /**
   * The stack does not tell whether the peer answered; but when it did not, the end came when the
   * time was up.
   */
  #closed({ epoch }: Ending, closing: Closing): events.SocketCloseEvent {
    const wasClean = closing.wasOpen && nodeTimer.now() - closing.at < this.#shutdownTimeoutMs;
    const { code, reason } = wasClean ? closing : { code: 1006, reason: "" };
    return new events.SocketCloseEvent({
      code,
      reason,
      wasClean,
      epoch,
      cause: undefined,
      willReconnect: false,
    });
  }
}

/** The end of a connection that nobody asked for. */
function lost({ epoch, cause, final }: Ending): events.SocketCloseEvent {
  const close = cause?.code === "PEER_CLOSED" ? cause.close : undefined;
  return new events.SocketCloseEvent({
    code: close?.code ?? 1006,
    reason: close?.reason ?? "",
    wasClean: close !== undefined,
    epoch,
    cause,
    willReconnect: !final,
  });
}

function notOpen(code: "NOT_CONNECTED" | "SHUT_DOWN", message: string): WsError {
  return domError("InvalidStateError", {
    kind: code === "NOT_CONNECTED" ? "connection" : "client",
    code,
    message,
  });
}
