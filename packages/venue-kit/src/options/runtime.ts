import type {
  AuthSource,
  CancelSignal,
  Classify,
  NewId,
  Random,
  ReconnectingConnector,
  Timer,
  Tracer,
} from "@oath-ws/contract";
import type { Gate, PartialConfig } from "@oath-ws/resilience";
import type { OnLinkStep } from "../connection/link-table.js";
import type { OnRenewalEnd } from "../feed/renewal-end.js";
import type { ObservedReader } from "../topic/observed-reader.js";

/** The settings that an adapter gives its connections. */
export interface ConnectorSettings {
  readonly config?: PartialConfig | undefined;
  readonly auth?: AuthSource | undefined;
  readonly classify?: Classify | undefined;
  readonly gate?: Gate | undefined;
  readonly tracer?: Tracer | undefined;
  /**
   * What the venue's frames ask of whatever speaks WebSocket, by the names of `oath-ws`. A platform
   * that has no such choice ignores it.
   */
  readonly socket?: { readonly skipUTF8Validation?: boolean | undefined } | undefined;
}

/** What is asked of a REST API, beside the address. */
export interface FetchRequest {
  /**
   * The configured address of the API: the only origin to which its keys may be sent. A request to
   * another scheme, host or port is refused before anything is sent.
   */
  readonly baseUrl: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Aborted when the answer is no longer wanted: the call rejects with its reason. */
  readonly signal?: CancelSignal | undefined;
  /** How long everything may take together, in milliseconds. Default: the platform's, some 30 s. */
  readonly timeoutMs?: number | undefined;
  /** The longest body that is accepted, in bytes. Default: the platform's, some MiB. */
  readonly maxBodyBytes?: number | undefined;
}

/** A whole answer of a REST API. */
export interface FetchAnswer {
  readonly status: number;
  /** Names in lower case. Without `set-cookie`. */
  readonly headers: Readonly<Record<string, string>>;
  /** The `Set-Cookie` headers, one by one; their values are secrets. */
  readonly cookies: readonly string[];
  /** The body as text in UTF-8. */
  readonly body: string;
}

/**
 * One HTTP request, strictly: it goes to the origin of `baseUrl` with the certificate verified, and
 * nowhere else. It follows no redirect, and time and body are bounded. What cannot be had so
 * rejects with a `WsError` that shows nothing of what was sent; its `status` and `retryAfterMs` are
 * there when there was an answer. The platform's global `fetch` does none of that and is no
 * replacement.
 */
export type StrictFetch = (url: string, request: FetchRequest) => Promise<FetchAnswer>;

/**
 * What an adapter needs of the platform: connections, clocks, jitter and HTTP. `nodeRuntime` of
 * `oath-ws` is one; a test builds its own over virtual time.
 */
export interface VenueRuntime {
  build(settings: ConnectorSettings): ReconnectingConnector;
  readonly fetch: StrictFetch;
  readonly timer: Timer;
  readonly random: Random;
  /**
   * Told of every reader of a topic, of the market model and of a book when it is made, so that a
   * program can show them. It must not read events, and must keep no reader alive. Default: nothing
   * is told.
   */
  readonly observe?: ((observed: ObservedReader) => void) | undefined;
  /** Told of every step of a feed's connections, for simulations. Default: none is told. */
  readonly onLinkStep?: OnLinkStep | undefined;
  /** Told how each renewal of a feed's connections ends, for simulations. Default: none is told. */
  readonly onRenewalEnd?: OnRenewalEnd | undefined;
}

/** What an adapter that places orders needs besides: client ids are made of `newId`. */
export interface OrderRuntime extends VenueRuntime {
  /** Another identity at each call: 128 random bits as 32 hexadecimal digits. */
  readonly newId: NewId;
}
