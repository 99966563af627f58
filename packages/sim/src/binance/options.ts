import type { ScriptedFault } from "../faults/fault.js";
import type { AccountOptions } from "./api/account-options.js";
import type { SymbolSpec } from "../market/symbol-spec.js";
import type { CommonMarketOptions, VenueOptions } from "../venue-options.js";

/**
 * Everything a Binance simulator can be told. All parts are optional. Durations are *venue*
 * milliseconds, divided by `timeScale`, unless they say "real". A value that cannot work is a
 * {@link SimOptionError} naming the option.
 */
export interface BinanceSimOptions extends VenueOptions {
  /** TCP port of the market streams in SBE; 0 picks a free one. Default 0. */
  readonly sbePort?: number;
  /** Names, or full specifications. Default BTCUSDT, ETHUSDT, BNBUSDT. */
  readonly symbols?: readonly (string | SymbolSpec)[];
  readonly market?: MarketOptions;
  readonly keepalive?: KeepaliveOptions;
  readonly limits?: LimitOptions;
  readonly bans?: BanOptions;
  readonly lifetime?: LifetimeOptions;
  readonly shutdown?: ShutdownOptions;
  /**
   * Accounts of the WebSocket API and of signed REST. Default: one, with a key pair of the seed.
   */
  readonly accounts?: readonly AccountOptions[];
  /**
   * Shape of errors on the market streams: `documented` (`{"code","msg","id"}`) or `nested`
   * (`{"error":{"code","msg"},"id"}`, seen in the wild). Default `documented`.
   */
  readonly errorForm?: "documented" | "nested";
  /**
   * Where REST depth snapshots fall: `boundary` (between two 100 ms batches, as every recorded one
   * did) or `mid-batch` (`lastUpdateId` strictly inside the next batch). Default `boundary`.
   */
  readonly depthSnapshots?: "boundary" | "mid-batch";
  readonly sbe?: SbeOptions;
  readonly record?: RecordOptions;
  /** Faults that happen by themselves, by time or by frame number. Default none. */
  readonly script?: readonly ScriptedFault[];
  /**
   * Serve `GET /control` (statistics) and `POST /control` (faults) over HTTP. Refused on a
   * non-loopback host. Default false.
   */
  readonly control?: boolean;
}

/** The generated market. */
export interface MarketOptions extends CommonMarketOptions {
  /**
   * Latest taker orders of each symbol that REST still knows (`aggTrades`, `historicalTrades`);
   * older ones are gone. Default 10 000.
   */
  readonly archivedOrders?: number;
}

/** Pings (B-6, B-36). */
export interface KeepaliveOptions {
  /** Time between pings. Default 20 000. */
  readonly pingIntervalMs?: number;
  /** A ping not answered for this long ends the connection: 1008 "Pong timeout". Default 60 000. */
  readonly pongTimeoutMs?: number;
  /** The market streams refuse a pong that copies no ping. Default false. */
  readonly validateStreamPongs?: boolean;
  /** The WebSocket API does. Default true. */
  readonly validateApiPongs?: boolean;
  /**
   * Where pongs are validated, a wrong one ends the connection with 1008 after this delay. Default
   * 20 000.
   */
  readonly malformedPongCloseMs?: number;
}

/** What the venue limits. */
export interface LimitOptions {
  /**
   * Inbound frames per rolling window and market connection: requests, pings and pongs (B-7).
   * Default 5.
   */
  readonly inboundFrames?: number;
  /** That window. Default 1 000. */
  readonly inboundWindowMs?: number;
  /**
   * How much shorter the window is taken, for jitter between client and simulator on a busy
   * machine. Default 0.
   */
  readonly inboundSlackMs?: number;
  /** Streams per market connection (B-8). Default 1024. */
  readonly maxStreams?: number;
  /** Connection attempts per window, IP and endpoint (B-9). Default 300. */
  readonly connects?: number;
  /** That window. Default 300 000. */
  readonly connectWindowMs?: number;
  /** Longest request target; a longer one is refused with 414 (B-12). Default 8 000 characters. */
  readonly maxUrlLength?: number;
  /**
   * Largest inbound message in bytes; a larger one ends the connection with 1009. Default 1 MiB.
   */
  readonly maxMessageBytes?: number;
  /**
   * Market requests of more bytes than this are ignored without an answer (B-12). Default: never
   * ignored.
   */
  readonly silentMessageBytes?: number;
  /** Request weight per IP and window, REST and WebSocket API together (B-31). Default 6 000. */
  readonly requestWeight?: number;
  /** That window, aligned to the clock. Default 60 000. */
  readonly weightWindowMs?: number;
  /** Requests over the weight limit before the IP is banned. Default 10. */
  readonly weightViolationsToBan?: number;
  /** Orders that an account may place per rolling window. Default 50. */
  readonly orders?: number;
  /** That window. Default 10 000. */
  readonly ordersWindowMs?: number;
  /** User data subscriptions at a time per connection (B-34). Default 1 000. */
  readonly activeSubscriptions?: number;
  /** User data subscriptions ever per connection (B-34). Default 65 535. */
  readonly lifetimeSubscriptions?: number;
  /** Bytes that may wait for a client that does not read; more and it is reset. Default 64 MiB. */
  readonly maxPendingBytes?: number;
}

/** Bans (B-7, B-39). How many violations it takes is not documented. */
export interface BanOptions {
  /** Inbound rate violations of an IP, within `windowMs`, that ban it. Default 3. */
  readonly afterViolations?: number;
  /** Default 600 000. */
  readonly windowMs?: number;
  /** First ban; every further one of the same IP is twice as long. Default 120 000. */
  readonly durationMs?: number;
  /** Longest ban. Default 259 200 000: three days. */
  readonly maxDurationMs?: number;
  /** HTTP status for a banned IP. Default 418. */
  readonly status?: number;
}

/** The forced disconnect (B-5). Its close code is not documented. */
export interface LifetimeOptions {
  /** Age at which a connection is ended. Default 86 400 000: 24 h. */
  readonly maxAgeMs?: number;
  /** 1006 ends it without a close frame. Default 1001. */
  readonly closeCode?: number;
  /** Default empty. */
  readonly closeReason?: string;
}

/** What follows a `serverShutdown` event (B-10). */
export interface ShutdownOptions {
  /** Time from the event to the disconnect; no lead time is promised. Default 30 000; may be 0. */
  readonly closeAfterMs?: number;
  /** 1006 ends it without a close frame. Default 1001. */
  readonly closeCode?: number;
  /** Default empty. */
  readonly closeReason?: string;
}

/** How messages in SBE are written. */
export interface SbeOptions {
  /**
   * Exponent of ten of all prices, -18 to 0. Default -8: as many decimals as in JSON. One that
   * cannot hold every price exactly is refused.
   */
  readonly priceExponent?: number;
  /** The same for quantities. */
  readonly quantityExponent?: number;
  /**
   * Bytes appended to every block, to every entry of a group and to every message, as a newer
   * version of the schema may do. Default 0.
   */
  readonly appendedBytes?: number;
}

/** What the simulator remembers beyond the ranges of ids. */
export interface RecordOptions {
  /** Last payloads kept per stream, for comparing contents. Default 0: none. */
  readonly payloads?: number;
}
