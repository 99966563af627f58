import type { PartialConfig } from "@oath-ws/resilience";
import type { Plan } from "../core/plan.js";

/** What the server of the next dials does. The first kinds happen below the upgrade. */
export type DialFault =
  | { readonly kind: "dialRefused" }
  | { readonly kind: "dialNoName" }
  | { readonly kind: "dialSilent" }
  | { readonly kind: "upgradeReset" }
  | { readonly kind: "upgradeEnd" }
  | { readonly kind: "upgradeSilent" }
  | { readonly kind: "upgradeSlow"; readonly ms: number }
  | {
      readonly kind: "upgradeRefused";
      readonly status: number;
      readonly retryAfterS: number | null;
    }
  | { readonly kind: "upgradeGarbage" }
  | { readonly kind: "upgradeWrongAccept" }
  | { readonly kind: "upgradeEarlyData"; readonly frames: number }
  | { readonly kind: "upgradeThenClose"; readonly code: number }
  | { readonly kind: "upgradeThenReset" };

/** What the `AuthSource` does on the next attempts. */
export type AuthFault =
  | { readonly kind: "authRefuses" }
  | { readonly kind: "authHangs" }
  | { readonly kind: "authSlow"; readonly ms: number };

/** What happens to the socket that is open. */
export type SocketFault =
  | { readonly kind: "reset" }
  | { readonly kind: "end" }
  /** `in`: nothing reaches the client any more; `out`: nothing reaches the server. */
  | { readonly kind: "halfOpen"; readonly direction: "in" | "out" | "both" }
  /** The server does not read for a while, and the client has much to say. */
  | { readonly kind: "windowCloses"; readonly ms: number; readonly sends: number }
  | { readonly kind: "latency"; readonly ms: number; readonly forMs: number }
  /** Packets of so many bytes. */
  | { readonly kind: "chopped"; readonly bytes: number; readonly forMs: number }
  | { readonly kind: "burst"; readonly frames: number; readonly bytes: number }
  | { readonly kind: "fragmented"; readonly parts: number; readonly bytes: number }
  | { readonly kind: "peerCloses"; readonly code: number }
  /** The server leaves our close frame unanswered from now on. */
  | { readonly kind: "closeUnanswered" }
  | {
      readonly kind: "violation";
      readonly what: "opcode" | "masked" | "utf8" | "tooBig" | "reservedBit";
    }
  | { readonly kind: "pongsMissing"; readonly ms: number }
  | { readonly kind: "quiet"; readonly ms: number }
  | { readonly kind: "pings"; readonly count: number };

/** What happens to our own machine. */
export type MachineFault =
  | { readonly kind: "stall"; readonly ms: number }
  | { readonly kind: "sleep"; readonly ms: number }
  | { readonly kind: "wallStep"; readonly ms: number };

/** What others do who use the same gate. */
export type NeighbourFault =
  | { readonly kind: "neighbours"; readonly attempts: number }
  | { readonly kind: "neighbourBlocked"; readonly ms: number };

/** What the `EndpointSource` does the next time. */
export type SourceFault =
  | { readonly kind: "sourceFails" }
  | { readonly kind: "sourceRefuses" }
  | { readonly kind: "sourceHangs" };

export type SendKind = "plain" | "waiting" | "deadline" | "pinned" | "aborted" | "pinnedNext";

/** What the user of the connection does. */
export type UserAction =
  | {
      readonly kind: "send";
      readonly what: SendKind;
      readonly count: number;
      readonly bytes: number;
    }
  | {
      readonly kind: "read";
      readonly how: "loop" | "batches" | "take" | "not";
      readonly pauseMs: number;
    }
  | { readonly kind: "force" }
  | { readonly kind: "shutdown"; readonly timeoutMs: number };

export type ClientAction =
  | { readonly kind: "dial"; readonly fault: DialFault; readonly count: number }
  | { readonly kind: "auth"; readonly fault: AuthFault; readonly count: number }
  | { readonly kind: "source"; readonly fault: SourceFault; readonly count: number }
  | SocketFault
  | MachineFault
  | NeighbourFault
  | UserAction;

/** The settings of a run. */
export interface ClientSetup {
  readonly config: PartialConfig;
  /** Endpoints of the same venue. */
  readonly endpoints: number;
  /** Whether they come from an `EndpointSource`. */
  readonly asks: boolean;
  /** The close code that `classify` calls permanent, beside those of the defaults. */
  readonly permanentCode: number | null;
  /** How often the server says something, in milliseconds. */
  readonly rhythmMs: number;
  /** How often the user sends something, in milliseconds. */
  readonly sendEveryMs: number;
  readonly latencyMs: number;
}

export type ClientPlan = Plan<ClientSetup, ClientAction>;
