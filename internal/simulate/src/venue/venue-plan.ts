import type { Plan } from "../core/plan.js";
import type { EndBehind } from "./end-behind-text.js";

/** What happens on the way between client and venue, or to the client's machine. */
export type AroundAction =
  /** Every connection, or one of them, is reset from the middle. */
  | { readonly kind: "resetAll" }
  | { readonly kind: "resetOne"; readonly which: number }
  | {
      readonly kind: "blackHole";
      readonly direction: "toClient" | "toServer" | "both";
      readonly forMs: number;
    }
  | { readonly kind: "latency"; readonly ms: number; readonly forMs: number }
  | { readonly kind: "chopped"; readonly bytes: number; readonly forMs: number }
  | { readonly kind: "dialsFail"; readonly how: "refuse" | "hang"; readonly forMs: number }
  | { readonly kind: "noName"; readonly forMs: number }
  | { readonly kind: "stall"; readonly ms: number }
  | { readonly kind: "sleep"; readonly ms: number }
  | { readonly kind: "wallStep"; readonly ms: number }
  /** The next connection with this text on it ends right behind it. */
  | { readonly kind: "endBehind"; readonly text: string; readonly how: EndBehind }
  /** A planned renewal is asked for. */
  | { readonly kind: "renew" }
  /** Books are built again. */
  | { readonly kind: "resync"; readonly which: number }
  /** One reader reads nothing for a while. */
  | { readonly kind: "slowReader"; readonly which: number; readonly forMs: number };

export type VenueAction =
  | AroundAction
  /** A fault of the simulator: what `sim.faults.apply` takes. */
  | { readonly kind: "venue"; readonly fault: { readonly kind: string } };

export interface VenueSetup {
  readonly latencyMs: number;
  readonly jitterMs: number;
  /** Between two moves of the market, in milliseconds. */
  readonly stepMs: number;
  /** Topics of one connection. */
  readonly perConnection: number;
  /** Frames that a connection buffers; `null` for the adapter's own setting. */
  readonly maxFrames: number | null;
}

export type VenuePlan = Plan<VenueSetup, VenueAction>;
