import type {
  ConnectionStats,
  Lifecycle,
  ObservedConnection,
  ReconnectingConnection,
  SendOptions,
} from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import { utf8Length } from "../primitives/utf8.js";
import type { ProtocolsSource, UrlSource } from "./address.js";
import { closeRequest } from "./close-request.js";
import type { CloseRequest } from "./close-request.js";
import { connectSocket } from "./connect-socket.js";
import { domException } from "./dom-exception.js";
import { isFault, Narrator } from "./narrator.js";
import type { Audience, Ending } from "./narrator.js";
import { sendPayload } from "./payload.js";
import type { SocketSendData, StandardBinaryType } from "./payload.js";
import { closedEarly, lost, overError } from "./socket-ends.js";
import { SocketEventTarget } from "./socket-event-target.js";
import * as events from "./socket-events.js";
import type { SocketFields, SocketKind } from "./socket-options.js";
import type { SocketPlatform } from "./socket-platform.js";

/** What {@link StandardSocket.close} asked for, when, and in which state. */
interface Closing extends CloseRequest {
  readonly readyState: 0 | 1;
  /** A connection was there, and was not lost unnoticed. */
  readonly wasUp: boolean;
  readonly at: number;
}

/**
 * What the two socket classes share, in the shape of the standard's `WebSocket`: a connection of
 * the resilience stack, its events, and the rules of `send()` and `close()`. How this works: the
 * stack is started in the constructor ({@link connectSocket}); the {@link Narrator} tells what
 * happens to it in order, and this class makes events and `readyState` of that. The two classes
 * differ in whether the stack connects again, and in `send()` on a socket that is over.
 */
export abstract class StandardSocket<
  Binary extends string = StandardBinaryType,
  Data = ArrayBuffer | Blob,
> extends SocketEventTarget<Data> {
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
  /** The id of this socket in traces and errors: no other has it, over processes and time. */
  readonly id: string;
  /**
   * The socket's name in traces and errors: the `name` of the options, otherwise host and port, or
   * `websocket` where a function gives the URL. `#2` and so on follows for further ones.
   */
  readonly name: string;
  readonly #observed: ObservedConnection;
  readonly #platform: SocketPlatform<Binary, Data>;
  readonly #kind: SocketKind;
  readonly #connecting: Promise<ReconnectingConnection>;
  readonly #release: () => void;
  readonly #sendOptions: SendOptions | undefined;
  readonly #shutdownTimeoutMs: number;
  #connection: ReconnectingConnection | undefined;
  #readyState: 0 | 1 | 2 | 3 = StandardSocket.CONNECTING;
  #epoch = 0;
  #attemptsAtOpen = 0;
  #url: string;
  #protocol = "";
  #binaryType: Binary;
  #bufferedAmount = 0;
  #unsettledSends = 0;
  #closing: Closing | undefined;
  /** The last thing to tell. */
  #end: Ending | undefined;

  /** Starts to connect. See the classes for the parameters and for what is thrown. */
  protected constructor(
    platform: SocketPlatform<Binary, Data>,
    kind: SocketKind,
    url: UrlSource,
    protocols: ProtocolsSource,
    options: SocketFields<Binary> | undefined,
  ) {
    super(platform.bind);
    this.#platform = platform;
    this.#kind = kind;
    const started = connectSocket(platform, kind, url, protocols, options, {
      onUrl: (asked) => {
        this.#url = asked;
      },
      onProtocol: (protocol) => {
        this.#protocol = protocol;
      },
    });
    this.#url = started.url;
    this.#shutdownTimeoutMs = started.config.shutdown.timeoutMs;
    this.#binaryType = options?.binaryType ?? ("arraybuffer" as Binary);
    this.#sendOptions =
      options?.whileDown === "wait"
        ? { whileDown: "wait", deadlineMs: options.whileDownDeadlineMs ?? 10_000 }
        : undefined;
    this.#release = started.release;
    this.#connecting = started.connecting;
    this.#observed = started.observed;
    this.id = started.observed.id;
    this.name = started.observed.name;
    this.lifecycle = started.observed.lifecycle;
    void started.connecting.then((connection) => {
      this.#connection = connection;
      new Narrator(connection, this.#audience).start();
    });
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  /**
   * Where the last attempt went, serialized; empty until a URL function has answered. May hold a
   * token.
   */
  get url(): string {
    return this.#url;
  }

  /** The subprotocol that the server chose for the last connection; empty when none. */
  get protocol(): string {
    return this.#protocol;
  }

  /**
   * Always empty: which extensions are in use is not told. On Node compression is off
   * unless `socket.perMessageDeflate` asks for it.
   */
  get extensions(): string {
    return "";
  }

  /**
   * Bytes given to `send()` that have not left yet. A frame no longer counts when its `unsent`
   * event is told.
   */
  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  /**
   * The type of a binary message. Default `"arraybuffer"`, unlike the standard's `"blob"`. Any
   * other value than those of the option `binaryType` is ignored, as the standard has it.
   */
  get binaryType(): Binary {
    return this.#binaryType;
  }

  set binaryType(binaryType: Binary) {
    if (Object.hasOwn(this.#platform.binary, binaryType)) this.#binaryType = binaryType;
  }

  /**
   * Sends a string as text, bytes as binary, and anything else except a `Blob` converted to a
   * string. The bytes are copied, so they may be changed at once. A frame that is not sent in the
   * end becomes an `unsent` event.
   *
   * @throws DOMException `InvalidStateError` while `CONNECTING`, unless `whileDown` is `"wait"`;
   *   for a `ReconnectingWebSocket` also while `CLOSING` or `CLOSED`. Its `cause` is a `WsError`
   *   `NOT_CONNECTED` or `SHUT_DOWN`
   * @throws WsError `FRAME_INVALID` for a `Blob`
   */
  send(data: SocketSendData): void {
    const payload = sendPayload(data);
    const refusal = this.#sendRefusal();
    // The standard drops frames in silence on a socket that is over. A library that reconnects by
    // itself relies on that; it is told by the event.
    if (refusal !== undefined && !(this.#kind === "resilient" && this.#isOver))
      throw domException("InvalidStateError", refusal);
    const bytes = typeof payload === "string" ? utf8Length(payload) : payload.byteLength;
    this.#bufferedAmount += bytes;
    this.#unsettledSends++;
    const sent = refusal === undefined ? this.#hand(payload) : Promise.reject(refusal);
    sent.then(
      () => this.#settleSend(bytes),
      (error: unknown) => {
        // The sink rejects with nothing else.
        if (isWsError(error)) this.#settleSend(bytes, new events.SocketUnsentEvent(error, payload));
      },
    );
  }

  /**
   * Ends the socket for good: no further attempt, no further message; the `close` event follows, at
   * the latest after `config.shutdown.timeoutMs`. While `CONNECTING` an `error` event (`SHUT_DOWN`)
   * comes before it. Without effect when it was called before.
   *
   * @param code 1000, or 3000-4999. Default: the close frame carries no code, which the peer reads
   *   as 1005; with a reason, 1000
   * @param reason at most 123 bytes of UTF-8. Default empty
   * @throws DOMException `InvalidAccessError` for the code and `SyntaxError` for the reason;
   *   nothing was closed then
   */
  close(code?: number, reason?: string): void {
    const request = closeRequest(code, reason);
    if (this.#readyState !== 0 && this.#readyState !== 1) return;
    this.#closing = {
      ...request,
      readyState: this.#readyState,
      wasUp: this.#readyState === 1 && this.lifecycle.snapshot.downSince === undefined,
      at: this.#platform.timer.now(),
    };
    this.#readyState = StandardSocket.CLOSING;
    void this.#shutdown(request);
  }

  /** The figures of the connections made for this socket, as they are now; works in any state. */
  stats(): ConnectionStats {
    return this.#observed.stats();
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

  async #shutdown({ code, reason }: CloseRequest): Promise<void> {
    const { control } = await this.#connecting;
    await control.shutdown({ code, reason });
  }

  get #isOver(): boolean {
    return this.#readyState >= StandardSocket.CLOSING;
  }

  #sendRefusal(): WsError | undefined {
    if (this.#isOver) return overError();
    if (this.#readyState === StandardSocket.OPEN || this.#sendOptions !== undefined)
      return undefined;
    return new WsError({
      kind: "connection",
      code: "NOT_CONNECTED",
      message: "There is no connection to send on. Send after the open event.",
    });
  }

  /** The frame has left, or will not: then the event says so. */
  #settleSend(bytes: number, unsent?: events.SocketUnsentEvent): void {
    this.#bufferedAmount -= bytes;
    if (unsent !== undefined) this.dispatchEvent(unsent);
    this.#unsettledSends--;
    this.#tellEnd();
  }

  /** Attempts of the present outage beyond the first; 0 while up. */
  protected get retries(): number {
    if (this.#readyState === StandardSocket.OPEN) return 0;
    return Math.max(0, this.lifecycle.snapshot.attempts - this.#attemptsAtOpen - 1);
  }

  /**
   * Asks the stack for a new connection.
   *
   * @throws DOMException `InvalidStateError` while `CLOSING` or `CLOSED`
   */
  protected forceReconnect(reason: string | undefined): void {
    if (this.#isOver) throw domException("InvalidStateError", overError());
    void this.#connecting.then(({ trigger }) => trigger.forceReconnect(reason));
  }

  readonly #audience: Audience = {
    opened: (epoch) => {
      this.#epoch = epoch;
      this.#attemptsAtOpen = this.lifecycle.snapshot.attempts;
      if (this.#closing !== undefined) return;
      this.#readyState = StandardSocket.OPEN;
      this.dispatchEvent(new events.SocketOpenEvent(epoch));
    },
    message: (frame) => {
      if (this.#closing !== undefined) return;
      const data =
        frame.kind === "text" ? frame.text() : this.#platform.binary[this.#binaryType](frame.data);
      this.dispatchEvent(new events.SocketMessageEvent<Data>(data, frame));
    },
    lagged: (fromSeq, toSeq) => {
      if (this.#closing === undefined)
        this.dispatchEvent(new events.SocketLagEvent(fromSeq, toSeq));
    },
    stale: (epoch) => {
      if (this.#closing === undefined)
        this.dispatchEvent(new events.SocketStaleEvent(epoch, this.lifecycle.lastInboundAt));
    },
    waiting: (wait) => {
      if (this.#closing === undefined) this.dispatchEvent(new events.SocketWaitingEvent(wait));
    },
    failed: (error) => {
      if (this.#closing === undefined) this.dispatchEvent(new events.SocketErrorEvent(error));
    },
    closed: (ending) => {
      if (ending.final) {
        this.#end = ending;
        this.#tellEnd();
      } else if (this.#closing === undefined) {
        this.#tellClosed(ending, StandardSocket.CONNECTING);
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
    this.#tellClosed(ending, StandardSocket.CLOSED);
  }

  #tellClosed(ending: Ending, readyState: 0 | 3): void {
    this.#readyState = readyState;
    if (this.#closing !== undefined) {
      if (this.#closing.readyState === StandardSocket.CONNECTING)
        this.dispatchEvent(new events.SocketErrorEvent(closedEarly()));
      this.dispatchEvent(this.#closed(ending, this.#closing));
      return;
    }
    const { cause } = ending;
    if (cause !== undefined && this.#isErrorEvent(cause, ending))
      this.dispatchEvent(new events.SocketErrorEvent(cause));
    // A listener may have closed the socket just now: then the final event follows.
    if (ending.final || this.#closing === undefined) this.dispatchEvent(lost(ending));
  }

  /**
   * Whether an `error` event comes before the `close`. Libraries take one on an open connection for
   * a failure after which it is useless to connect again, and other sockets tell of a connection
   * that was lost by `close` alone.
   */
  #isErrorEvent(cause: WsError, { epoch }: Ending): boolean {
    const isLoss = epoch > 0 && (cause.kind === "connection" || cause.kind === "timeout");
    return isFault(cause) && !(this.#kind === "resilient" && isLoss);
  }

  /**
   * The stack does not tell whether the peer answered; but when it did not, the end came when the
   * time was up.
   */
  #closed({ epoch }: Ending, closing: Closing): events.SocketCloseEvent {
    const wasClean =
      closing.wasUp && this.#platform.timer.now() - closing.at < this.#shutdownTimeoutMs;
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
