/** The faults that a simulator can be given, and how they are aimed and scripted. */

/** One fault. Durations are venue milliseconds unless they say "real". */
export type Fault =
  /**
   * Answer the next `count` (default 1) upgrades with an HTTP status and headers instead of 101.
   */
  | {
      readonly kind: "refuse";
      readonly status: number;
      readonly count?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /**
   * Accept the next `count` (default 1) upgrades and end them at once; without a `code` by a TCP
   * reset.
   */
  | {
      readonly kind: "accept-then-close";
      readonly count?: number;
      readonly code?: number;
      readonly reason?: string;
    }
  /** A clean close. Default 1000 without reason; 1005 sends a close frame without a code. */
  | { readonly kind: "close"; readonly code?: number; readonly reason?: string }
  /** A TCP reset. */
  | { readonly kind: "reset" }
  /** Stop reading and writing, keep TCP open. For good. */
  | { readonly kind: "half-open" }
  /** No text frames, while pings and pongs go on. Without `forMs` until `unmute` or `clear`. */
  | { readonly kind: "mute"; readonly forMs?: number }
  /** Ends a mute. */
  | { readonly kind: "unmute" }
  /** Stop reading and writing for a time, then go on; nothing is lost. */
  | { readonly kind: "stall"; readonly forMs: number }
  /**
   * Go on sending, and read nothing: what the client sends piles up on its side. Without `forMs`
   * until `clear`.
   */
  | { readonly kind: "stop-reading"; readonly forMs?: number }
  /** Limit outgoing bytes per *real* second; absent lifts the limit. */
  | { readonly kind: "throttle"; readonly bytesPerSecond?: number }
  /** Lose the next `count` (default 1) event frames of each connection. */
  | { readonly kind: "drop"; readonly count?: number }
  /** Lose the next `count` (default 1) answers to requests. */
  | { readonly kind: "drop-replies"; readonly count?: number }
  /** Send each of the next `count` (default 1) event frames twice. */
  | { readonly kind: "duplicate"; readonly count?: number }
  /** Swap the next two event frames, `count` times (default 1). */
  | { readonly kind: "reorder"; readonly count?: number }
  /**
   * The venue publishes nothing for the next `events` (default 1) numbered events of each stream: a
   * hole in the ids.
   */
  | { readonly kind: "gap"; readonly symbol?: string; readonly events?: number }
  /** Send a text frame of this many bytes (default 1 MiB), valid JSON. */
  | { readonly kind: "oversized"; readonly bytes?: number }
  /** Send a text frame that is not UTF-8. */
  | { readonly kind: "bad-utf8" }
  /** Send every text message in this many frames; 1 ends it. */
  | { readonly kind: "fragment"; readonly pieces: number }
  /**
   * Never answer a close frame. When the simulator ends such a connection, it does so without one.
   */
  | { readonly kind: "ignore-close" }
  /** The 24 h cut (B-5), now. */
  | { readonly kind: "expire" }
  /**
   * The `serverShutdown` event (B-10), then the disconnect after `closeAfterMs` (default: option
   * `shutdown.closeAfterMs`).
   */
  | { readonly kind: "server-shutdown"; readonly closeAfterMs?: number }
  /**
   * Ban an IP (default: every connected one, else the loopback address): disconnect, refuse.
   * Default duration: option `bans`.
   */
  | { readonly kind: "ban"; readonly address?: string; readonly forMs?: number }
  /** Lift a ban, or all bans. */
  | { readonly kind: "unban"; readonly address?: string }
  /**
   * Extra trade events, as fast as possible, until every subscribed client got `frames` more. A
   * client for which more than `limits.maxPendingBytes` pile up meanwhile is reset as too slow.
   */
  | { readonly kind: "burst"; readonly frames: number }
  /**
   * Answer the next `count` (default 1) REST depth requests per symbol with the book as it is now.
   */
  | { readonly kind: "stale-depth"; readonly count?: number }
  /**
   * Answer the next `count` (default 1) REST requests for old trades (`aggTrades`,
   * `historicalTrades`) badly: `refuse` with 500 and -1000, `slow` after `forMs` (default 5 000),
   * `partial` with the older half of what was asked for.
   */
  | {
      readonly kind: "old-trades";
      readonly answer: "refuse" | "slow" | "partial";
      readonly count?: number;
      readonly forMs?: number;
    }
  /**
   * Revoke an account's key (default: the first): the next request on a session of it fails for
   * good (B-37).
   */
  | { readonly kind: "revoke-key"; readonly apiKey?: string }
  /**
   * Answer the next `count` (default 1) requests of the target's endpoint with an error instead of
   * carrying them out. Default `code` -1000. `status` (default 400) and `retryAfterMs` are for the
   * WebSocket API; `form` is for the streams (default: option `errorForm`).
   */
  | {
      readonly kind: "answer-errors";
      readonly code?: number;
      readonly msg?: string;
      readonly count?: number;
      readonly status?: number;
      readonly retryAfterMs?: number;
      readonly form?: "documented" | "nested";
    }
  /**
   * End every user data subscription with `eventStreamTerminated`, and the next `count` (default 0)
   * right behind their confirmation.
   */
  | { readonly kind: "terminate-user-data"; readonly count?: number }
  /**
   * The firewall in front of the venue answers upgrades and REST with 403 and a page. Default
   * `forMs` 300 000.
   */
  | { readonly kind: "firewall"; readonly forMs?: number }
  /**
   * What goes wrong with the next `count` (default 1) requests that place an order:
   *
   * - `answer-lost`: placed, and not answered
   * - `request-lost`: neither placed nor answered
   * - `reset-after`: placed, and the connection is reset instead of an answer
   * - `reset-before`: not placed, and the connection is reset
   * - `answer-late`: placed, and answered after `delayMs` (default 1 000)
   * - `request-late`: it arrives after `delayMs`, and is judged, placed and answered then
   * - `slow`: judged and placed after `delayMs`, and not answered; until then the venue shows
   *   nothing of it
   */
  | {
      readonly kind: "order-trouble";
      readonly trouble:
        | "answer-lost"
        | "request-lost"
        | "reset-after"
        | "reset-before"
        | "answer-late"
        | "request-late"
        | "slow";
      readonly delayMs?: number;
      readonly count?: number;
    }
  /**
   * End everything that lasts: refusals, mutes, throttles, fragmentation, counts that were not used
   * up.
   */
  | { readonly kind: "clear" };

/** A fault of any venue. */
export interface Kinded {
  readonly kind: string;
}

/** What a fault of a kind carries. */
export type Of<F extends Kinded, K extends F["kind"]> = Omit<Extract<F, { kind: K }>, "kind">;

/** Which connections a fault is for. */
export interface FaultTarget {
  /** Default `stream`: the market streams. */
  readonly endpoint?: "stream" | "ws-api" | "all";
  /** One connection, by its id in the statistics. Default: all of the endpoint. */
  readonly connection?: number;
}

/** When a scripted fault happens. */
export type FaultTrigger =
  /** Venue milliseconds after the simulator started. Once. */
  | { readonly kind: "time"; readonly afterMs: number }
  /**
   * When the simulator has sent its `number`-th event frame, over all connections. Once; hits the
   * connection that got it.
   */
  | { readonly kind: "frame"; readonly number: number }
  /**
   * When a connection has been sent its `number`-th event frame. For every connection of the
   * target's endpoint.
   */
  | { readonly kind: "connection-frame"; readonly number: number };

/**
 * A fault with its moment. For the frame triggers, `target.connection` is the connection that the
 * frame went to.
 */
export interface ScriptedFault<F = Fault> {
  readonly when: FaultTrigger;
  readonly fault: F;
  readonly target?: FaultTarget;
}

/** A fault that happened. */
export interface AppliedFault<F = Fault> {
  /** Binance: real time, ms since 1970. Others: venue milliseconds since the start. */
  readonly at: number;
  readonly fault: F;
  /** Connections it hit, by id. Empty for those that wait for future connections. */
  readonly connections: readonly number[];
}
