import type { Plan } from "../core/plan.js";

/** What happens to one of the connections, or to what they share. */
export type GateAction =
  /** Its socket is reset. */
  | { readonly kind: "cut"; readonly which: number }
  | { readonly kind: "cutAll" }
  /** For so long the server resets it as soon as it is open. */
  | { readonly kind: "flap"; readonly which: number; readonly forMs: number }
  | {
      readonly kind: "refuseAll";
      readonly status: number;
      readonly retryAfterS: number | null;
      readonly forMs: number;
    }
  | { readonly kind: "dialsFail"; readonly how: "refuse" | "hang"; readonly forMs: number }
  | { readonly kind: "force"; readonly which: number }
  | { readonly kind: "forceAll" }
  /** A server asked one of the processes to stay away; then all are asked to reconnect. */
  | { readonly kind: "blocked"; readonly machine: number; readonly forMs: number }
  | { readonly kind: "open"; readonly which: number }
  | { readonly kind: "shutdown"; readonly which: number }
  /** The store that the processes share answers nothing. */
  | { readonly kind: "storeSilent"; readonly forMs: number }
  | { readonly kind: "stall"; readonly machine: number; readonly ms: number }
  | { readonly kind: "sleep"; readonly machine: number; readonly ms: number }
  | { readonly kind: "wallStep"; readonly machine: number; readonly ms: number };

export interface GateSetup {
  readonly connections: number;
  /** `process`: one gate of one process. `store`: two machines, whose gates share a store. */
  readonly gate: "process" | "store";
  readonly max: number;
  readonly windowMs: number;
  readonly stableAfterMs: number;
  readonly latencyMs: number;
  readonly storeMs: number;
}

export type GatePlan = Plan<GateSetup, GateAction>;
