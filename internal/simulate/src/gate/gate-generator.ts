import { SeededRandom } from "@oath-ws/testing";
import { Draw } from "../core/draw.js";
import type { Step } from "../core/plan.js";
import type { GateAction, GatePlan } from "./gate-plan.js";

const LENGTH_MS = 600_000;

type Makers = {
  readonly [K in GateAction["kind"]]: (
    draw: Draw,
    connections: number,
  ) => Extract<GateAction, { readonly kind: K }>;
};

const MAKERS: Makers = {
  cut: (draw, all) => ({ kind: "cut", which: draw.whole(0, all - 1) }),
  cutAll: () => ({ kind: "cutAll" }),
  flap: (draw, all) => ({
    kind: "flap",
    which: draw.whole(0, all - 1),
    forMs: draw.spread(5_000, 120_000),
  }),
  refuseAll: (draw) => ({
    kind: "refuseAll",
    status: draw.of([429, 503, 502]),
    retryAfterS: draw.chance(0.5) ? draw.whole(1, 40) : null,
    forMs: draw.spread(500, 20_000),
  }),
  dialsFail: (draw) => ({
    kind: "dialsFail",
    how: draw.of(["refuse", "hang"]),
    forMs: draw.spread(500, 30_000),
  }),
  force: (draw, all) => ({ kind: "force", which: draw.whole(0, all - 1) }),
  forceAll: () => ({ kind: "forceAll" }),
  blocked: (draw) => ({
    kind: "blocked",
    machine: draw.whole(0, 1),
    forMs: draw.spread(500, 30_000),
  }),
  open: (draw, all) => ({ kind: "open", which: draw.whole(0, all - 1) }),
  shutdown: (draw, all) => ({ kind: "shutdown", which: draw.whole(0, all - 1) }),
  storeSilent: (draw) => ({ kind: "storeSilent", forMs: draw.spread(1_000, 60_000) }),
  stall: (draw) => ({ kind: "stall", machine: draw.whole(0, 1), ms: draw.spread(50, 20_000) }),
  sleep: (draw) => ({ kind: "sleep", machine: draw.whole(0, 1), ms: draw.spread(1_000, 300_000) }),
  wallStep: (draw) => ({
    kind: "wallStep",
    machine: draw.whole(0, 1),
    ms: draw.whole(-60_000, 60_000),
  }),
};

const KINDS = Object.keys(MAKERS) as readonly GateAction["kind"][];

/** Opening and ending are no faults. */
export const GATE_FAULTS: readonly string[] = KINDS.filter(
  (kind) => kind !== "open" && kind !== "shutdown",
);

/** Makes the plan of a seed, without some kinds of faults. */
export function gatePlan(seed: number, without: readonly string[] = []): GatePlan {
  const draw = new Draw(new SeededRandom(seed));
  const connections = draw.whole(3, 12);
  const setup = {
    connections,
    gate: draw.of(["process", "process", "store"] as const),
    max: draw.whole(3, 20),
    windowMs: draw.spread(5_000, 60_000),
    stableAfterMs: draw.spread(500, 10_000),
    latencyMs: draw.spread(1, 100),
    storeMs: draw.spread(1, 300),
  };
  const steps: Step<GateAction>[] = [];
  const wanted = draw.whole(36, 56);
  for (let made = 0; made < wanted; made++) {
    const kind = draw.of(KINDS);
    const action = MAKERS[kind](draw, connections);
    const at = draw.whole(1, LENGTH_MS);
    if (!without.includes(kind)) steps.push({ at, action });
  }
  steps.sort((one, other) => one.at - other.at);
  return { half: "gate", seed, lengthMs: LENGTH_MS, setup, steps };
}
