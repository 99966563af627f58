import type { ScriptedFault } from "../faults/fault.js";
import type { CommonMarketOptions, VenueOptions } from "../venue-options.js";
import type { CoinbaseFault } from "./coinbase-fault.js";

/**
 * Everything a Coinbase Advanced Trade simulator can be told. All parts are optional. Durations are
 * *venue* milliseconds, divided by `timeScale`, unless they say "real". A value that cannot work is
 * a {@link SimOptionError} naming the option.
 */
export interface CoinbaseSimOptions extends VenueOptions {
  /** Product ids; `BTC-USDC` counts as `BTC-USD`. Default BTC-USD, ETH-USD, SOL-USD. */
  readonly products?: readonly string[];
  /**
   * Products that end in `-USDC` and are no other name of a `-USD` product (C-18). Default
   * USDT-USDC and EURC-USDC.
   */
  readonly usdcProducts?: readonly string[];
  readonly market?: CommonMarketOptions;
  readonly limits?: CoinbaseLimitOptions;
  readonly wire?: CoinbaseWireOptions;
  /** Default: one account, with an Ed25519 key of the seed. */
  readonly accounts?: readonly CoinbaseAccountOptions[];
  /** Public channels need a JWT too. Default false. */
  readonly requireJwt?: boolean;
  /** Faults that happen by themselves, by time or by frame number. Default none. */
  readonly script?: readonly ScriptedFault<CoinbaseFault>[];
}

/** What the venue limits. */
export interface CoinbaseLimitOptions {
  /** Connection attempts per window and IP (C-14). Default 8. */
  readonly connects?: number;
  /** That window. Default 1 000. */
  readonly connectWindowMs?: number;
  /** Unauthenticated messages per window and IP (C-14). Default 8. */
  readonly messages?: number;
  /** That window. Default 1 000. */
  readonly messageWindowMs?: number;
  /**
   * How much shorter both windows are taken, for jitter between client and simulator on a busy
   * machine. Default 0.
   */
  readonly slackMs?: number;
  /** Products with level2 per connection (C-15). Default 30. */
  readonly level2Products?: number;
  /**
   * A connection that has subscribed nothing for so long after it was opened is ended (C-3).
   * Default 5 000.
   */
  readonly subscribeWithinMs?: number;
  /**
   * A connection that was sent nothing for so long is ended; drawn between the two (C-8). Default
   * 60 000 and 90 000.
   */
  readonly idleMinMs?: number;
  readonly idleMaxMs?: number;
  /** REST requests per window and IP (C-26). Default 10. */
  readonly restRequests?: number;
  /** That window. Default 1 000. */
  readonly restWindowMs?: number;
  /** Trades that one REST answer has at most (C-25). Default 1 000. */
  readonly restTrades?: number;
  /** How long a JWT may be valid (C-11). Default 120 000. */
  readonly jwtLifetimeMs?: number;
  /** Bytes that may wait for a client that does not read; more and it is reset. Default 64 MiB. */
  readonly maxPendingBytes?: number;
  /**
   * Largest inbound message in bytes; a larger one ends the connection with 1009. Default 1 MiB.
   */
  readonly maxMessageBytes?: number;
}

/** How frames look and in which order they come, where the facts leave it open. */
export interface CoinbaseWireOptions {
  /**
   * Data channels: the snapshot before the `subscriptions` ack, as recorded (C-5), or after it.
   * Default `snapshot-first`.
   */
  readonly acks?: "snapshot-first" | "ack-first";
  /** Which name of an aliased product acks list. Default `canonical`. */
  readonly ackNames?: "canonical" | "requested";
  /** Frames carry `client_id: ""` (C-6). Default true on the user endpoint only. */
  readonly clientId?: boolean;
  /** `heartbeat_counter` as a string, as the documentation shows it (C-9). Default false. */
  readonly counterAsText?: boolean;
  /**
   * An empty batch of orders follows a snapshot whose last batch was full. The venue documents
   * nothing of the kind, so the acknowledgement ends the snapshot (C-5, C-20). Default false.
   */
  readonly trailingEmptyBatch?: boolean;
  /** Whose side REST tells of a trade: the sources contradict (C-25). Default `taker`. */
  readonly restSide?: "taker" | "maker";
  /**
   * A product that is not simulated: the request is refused whole (`failure to subscribe`), or the
   * product alone is left out of the acknowledgement without a word. Both were seen. Default
   * `refuse`.
   */
  readonly unknownProducts?: "refuse" | "ignore";
  /**
   * What is subscribed already gets another snapshot when it is asked for again (C-16). Default
   * false.
   */
  readonly snapshotOnResubscribe?: boolean;
  /** A JWT whose nonce was used before is refused. Default true. */
  readonly uniqueNonces?: boolean;
  /** A level2 request over the limit also ends the connection (C-15). Default false. */
  readonly closeOnTooManyLevel2?: boolean;
  /** How rule-breaking connections are ended; 1006 means without a close frame. Default 1000. */
  readonly closeCode?: number;
}

/** An account with a key. */
export interface CoinbaseAccountOptions {
  /** `organizations/.../apiKeys/...`: the `kid` and `sub` of its JWTs. Default made up. */
  readonly keyName?: string;
  /** Default `EdDSA`. */
  readonly algorithm?: "ES256" | "EdDSA";
  /** PEM of the public key. Default: a pair is made, and the account shows the private one. */
  readonly publicKey?: string;
  /** Open orders at the start. Default 0. */
  readonly orders?: number;
}
