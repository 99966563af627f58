import type { ProxyDirection } from "@oath-ws/sim";
import type { PacketFate } from "./packet-filter.js";

/**
 * What may go wrong, or be demanded, at one step. Everything that is random about it was drawn when
 * the plan was made.
 */
export type Fault =
  /** The network, by way of the fault proxy. */
  | {
      readonly kind: "delay";
      readonly direction: ProxyDirection;
      readonly delayMs: number;
      readonly jitterMs: number;
    }
  | { readonly kind: "slice"; readonly direction: ProxyDirection; readonly maxBytes: number }
  | {
      readonly kind: "throttle";
      readonly direction: ProxyDirection;
      readonly bytesPerSecond: number;
    }
  | { readonly kind: "blackHole"; readonly direction: ProxyDirection }
  | { readonly kind: "reset" | "refuse" }
  /** The kernel; only in a network namespace of our own. */
  | { readonly kind: "unplug" | "halfOpen" }
  | { readonly kind: "packets"; readonly fate: PacketFate; readonly share: number }
  /** The server. */
  | { readonly kind: "acceptThenClose"; readonly count: number; readonly code: number | undefined }
  | { readonly kind: "refuseUpgrade"; readonly count: number; readonly status: number }
  | { readonly kind: "closeCode"; readonly code: number }
  | { readonly kind: "fin" | "violation" | "pings" }
  | { readonly kind: "stall"; readonly reading: boolean; readonly writing: boolean }
  | { readonly kind: "burst"; readonly frames: number; readonly bytes: number }
  /** The token service. */
  | { readonly kind: "auth"; readonly plan: "unreachable" | "slow" | "hangs" }
  /** The program that uses the stack. */
  | { readonly kind: "force"; readonly times: number }
  | { readonly kind: "slowReader" }
  | { readonly kind: "block"; readonly ms: number }
  | {
      readonly kind: "sends";
      readonly what: SendKind;
      readonly count: number;
      readonly bytes: number;
    }
  | { readonly kind: "reopen"; readonly timeoutMs: number; readonly calls: number };

/** How a send is asked for. */
export type SendKind =
  | "plain"
  | "wait"
  | "waitBriefly"
  | "pinned"
  | "pinnedToNext"
  | "aborted"
  | "abortedLate"
  | "ping"
  | "invalid";

/** One step of a run. */
export interface Step {
  readonly fault: Fault;
  /** How long the fault is left alone before the next step, in milliseconds. */
  readonly holdMs: number;
  /**
   * Whether everything outside is then put in order, and the connection has to come up by itself
   * before the run goes on.
   */
  readonly recover: boolean;
}

/** A step in one line, for traces. */
export function describeStep({ fault, holdMs, recover }: Step): string {
  const { kind, ...rest } = fault;
  const details = Object.entries(rest).map(([key, value]) => `${key} ${String(value)}`);
  return (
    `${kind}${details.length > 0 ? ` (${details.join(", ")})` : ""}, ${holdMs} ` +
    `ms${recover ? ", recover" : ""}`
  );
}
