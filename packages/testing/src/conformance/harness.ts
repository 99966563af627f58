import type { Frame, WsConnector } from "@oath-ws/contract";

/**
 * What the leaf and the harness can do. A case that needs what is missing is skipped, and says so.
 */
export interface ConformanceCapabilities {
  /**
   * The connector sends pings and pongs and tells of received ones
   * (`LeafConnection.controlFrames`). A browser's does not.
   */
  readonly controlFrames: boolean;
  /** The leaf sees the status and headers of a refused upgrade. A browser's does not. */
  readonly refusalDetails: boolean;
  /** The leaf can add request headers. A browser's cannot. */
  readonly requestHeaders: boolean;
  /**
   * The harness's peer can end a connection without a close frame: {@link ConformancePeer.reset}
   * and behaviour `drop`.
   */
  readonly abruptEnd: boolean;
  /** A send stays unsettled while the peer does not read, once the buffers in between are full. */
  readonly backpressure: boolean;
  /**
   * The leaf delivers data that arrives after its own close frame went out and before the peer's
   * answer. Absent: it does. A WHATWG `WebSocket` throws it away, as its standard says.
   */
  readonly dataWhileClosing?: boolean | undefined;
  /**
   * The harness's peer can send a part of a frame, and the leaf notices:
   * {@link ConformancePeer.sendPartial}.
   */
  readonly partialFrames: boolean;
}

/** What a peer does with the dials that reach it. */
export type PeerBehaviour =
  | {
      readonly kind: "accept";
      /** The subprotocol in the response; absent: none. */
      readonly protocol?: string | undefined;
      /** Frames to send in the same packet as the response, or as close to it as the peer can. */
      readonly early?: readonly Frame[] | undefined;
    }
  | {
      readonly kind: "refuse";
      /** The HTTP status to answer with instead of 101. */
      readonly status: number;
      /** Seconds, for a `Retry-After` header; absent: none. */
      readonly retryAfterSeconds?: number | undefined;
    }
  /** Takes the connection and never answers. */
  | { readonly kind: "hang" }
  /** Takes the connection and drops it without an answer. */
  | { readonly kind: "drop" }
  /** There is no listener at the URL. */
  | { readonly kind: "absent" };

/** What the suite wants to know of an accepted upgrade request. */
export interface ConformanceRequest {
  /** Path and query: `/feed?depth=5`. */
  readonly target: string;
  /** The offered subprotocols, in order. */
  readonly protocols: readonly string[];
  /** Request headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The server's end of one accepted connection. It does nothing by itself: it answers neither pings
 * nor closes. Only, once a close frame has crossed in both directions, it ends the TCP connection
 * (RFC 6455 section 7.1.1).
 */
export interface ConformancePeer {
  readonly request: ConformanceRequest;
  /** Sends one unfragmented frame. A close frame with code 1005 goes out with an empty payload. */
  send(frame: Frame): void;
  /** Sends the header and a part of the payload of a binary frame, and nothing after it. */
  sendPartial(): void;
  /**
   * The next frame from the client, its close frame included; each is given once, in order.
   * Payloads are unmasked.
   */
  next(): Promise<Frame>;
  /** Ends the connection at once, without a close frame: an RST where there is TCP. */
  reset(): void;
  stopReading(): void;
  resumeReading(): void;
  /** Resolves once the client's socket is gone. */
  gone(): Promise<void>;
}

/** A server that the suite started. */
export interface ConformanceServer {
  /** Where to dial it: an absolute `ws:` or `wss:` URL without a query. */
  readonly url: string;
  /** Dials that have reached it so far, whatever became of them. */
  readonly dialCount: number;
  /** The next accepted connection; each is given once, in order. */
  accepted(): Promise<ConformancePeer>;
  /** Resolves once a dial has reached the server. */
  dialled(): Promise<void>;
  /** Resolves once no client has a socket to it. */
  idle(): Promise<void>;
  /** Ends everything that is open, and the server. */
  stop(): Promise<void>;
}

/**
 * What an author of a leaf supplies: the leaf, and servers for it to dial. Made again for every
 * case. The suite never sleeps and reads no clock but {@link now}, so the same cases run against
 * real sockets and in virtual time.
 */
export interface ConformanceHarness {
  readonly capabilities: ConformanceCapabilities;
  /** The leaf under test, with default options. Called once per case. */
  createConnector(): WsConnector;
  startPeer(behaviour: PeerBehaviour): Promise<ConformanceServer>;
  /** The clock that the connector stamps its reads with ({@link Timer.now} milliseconds). */
  now(): number;
  /**
   * Settles as `promise` does, or rejects with an error that names `what` when that takes too long;
   * a few seconds are plenty on loopback. A harness in virtual time lets it pass here. Never called
   * twice at once.
   */
  within<T>(promise: Promise<T>, what: string): Promise<T>;
}
