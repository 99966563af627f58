import type { Plan } from "../core/plan.js";

/** What happens to the engine's server, to the processes, and to the ways between them. */
export type RelayAction =
  /** The server is killed and comes back with everything that it acknowledged. */
  | { readonly kind: "killServer"; readonly downMs: number }
  /** As before, and it has forgotten the last `tailMs` milliseconds. */
  | { readonly kind: "forget"; readonly tailMs: number; readonly downMs: number }
  | { readonly kind: "loseAcks"; readonly count: number }
  | { readonly kind: "full"; readonly forMs: number }
  | { readonly kind: "slow"; readonly ms: number; readonly forMs: number }
  /** Retention: the newest messages stay. */
  | { readonly kind: "trim"; readonly keep: number }
  /** Nothing comes through between one client and the server. */
  | { readonly kind: "cutRelay"; readonly which: number; readonly forMs: number }
  | { readonly kind: "cutOwner"; readonly forMs: number }
  | { readonly kind: "cutReader"; readonly which: number; readonly forMs: number }
  /** The subscriptions of one reader bring nothing. */
  | { readonly kind: "muteReader"; readonly which: number; readonly forMs: number }
  | { readonly kind: "killOwner"; readonly downMs: number }
  | { readonly kind: "killRelay"; readonly which: number; readonly downMs: number }
  /** It is shut down, and another process takes its place. */
  | { readonly kind: "handOver"; readonly downMs: number }
  | { readonly kind: "stallOwner"; readonly ms: number }
  | { readonly kind: "stallReader"; readonly which: number; readonly ms: number }
  | { readonly kind: "sleepRelay"; readonly which: number; readonly ms: number }
  | { readonly kind: "sleepReader"; readonly which: number; readonly ms: number }
  /** The venue's line of one relay is down. */
  | { readonly kind: "venueDown"; readonly which: number; readonly forMs: number }
  /** Another process goes on where a reader stood. */
  | { readonly kind: "restartReader"; readonly which: number }
  | { readonly kind: "slowReader"; readonly which: number; readonly forMs: number }
  | { readonly kind: "renewReader"; readonly which: number };

export interface RelaySetup {
  /** Between two trades of the venue, in milliseconds. */
  readonly tradeMs: number;
  readonly leaseMs: number;
  readonly carries: "feed" | "frames";
  /** When the last reader begins, in milliseconds. */
  readonly lateMs: number;
}

export type RelayPlan = Plan<RelaySetup, RelayAction>;
