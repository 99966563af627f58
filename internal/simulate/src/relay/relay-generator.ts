import { SeededRandom } from "@oath-ws/testing";
import { Draw } from "../core/draw.js";
import type { Step } from "../core/plan.js";
import type { RelayAction, RelayPlan } from "./relay-plan.js";

const LENGTH_MS = 1_800_000;

type Makers = {
  readonly [K in RelayAction["kind"]]: (draw: Draw) => Extract<RelayAction, { readonly kind: K }>;
};

const MAKERS: Makers = {
  killServer: (draw) => ({ kind: "killServer", downMs: draw.spread(10, 20_000) }),
  forget: (draw) => ({
    kind: "forget",
    tailMs: draw.spread(50, 20_000),
    downMs: draw.spread(10, 10_000),
  }),
  loseAcks: (draw) => ({ kind: "loseAcks", count: draw.spread(1, 8) }),
  full: (draw) => ({ kind: "full", forMs: draw.spread(100, 30_000) }),
  slow: (draw) => ({ kind: "slow", ms: draw.spread(2, 400), forMs: draw.spread(500, 30_000) }),
  trim: (draw) => ({ kind: "trim", keep: draw.whole(0, 200) }),
  cutRelay: (draw) => ({
    kind: "cutRelay",
    which: draw.whole(0, 1),
    forMs: draw.spread(100, 30_000),
  }),
  cutOwner: (draw) => ({ kind: "cutOwner", forMs: draw.spread(100, 30_000) }),
  cutReader: (draw) => ({
    kind: "cutReader",
    which: draw.whole(0, 2),
    forMs: draw.spread(100, 30_000),
  }),
  muteReader: (draw) => ({
    kind: "muteReader",
    which: draw.whole(0, 2),
    forMs: draw.spread(500, 30_000),
  }),
  killOwner: (draw) => ({ kind: "killOwner", downMs: draw.spread(10, 20_000) }),
  killRelay: (draw) => ({
    kind: "killRelay",
    which: draw.whole(0, 1),
    downMs: draw.spread(10, 20_000),
  }),
  handOver: (draw) => ({ kind: "handOver", downMs: draw.spread(10, 10_000) }),
  stallOwner: (draw) => ({ kind: "stallOwner", ms: draw.spread(50, 10_000) }),
  stallReader: (draw) => ({
    kind: "stallReader",
    which: draw.whole(0, 2),
    ms: draw.spread(50, 10_000),
  }),
  sleepRelay: (draw) => ({
    kind: "sleepRelay",
    which: draw.whole(0, 1),
    ms: draw.spread(500, 120_000),
  }),
  sleepReader: (draw) => ({
    kind: "sleepReader",
    which: draw.whole(0, 2),
    ms: draw.spread(500, 120_000),
  }),
  venueDown: (draw) => ({
    kind: "venueDown",
    which: draw.whole(0, 1),
    forMs: draw.spread(100, 20_000),
  }),
  restartReader: (draw) => ({ kind: "restartReader", which: draw.whole(0, 2) }),
  slowReader: (draw) => ({
    kind: "slowReader",
    which: draw.whole(0, 2),
    forMs: draw.spread(500, 60_000),
  }),
  renewReader: (draw) => ({ kind: "renewReader", which: draw.whole(0, 2) }),
};

export const RELAY_FAULTS = Object.keys(MAKERS) as readonly RelayAction["kind"][];

/** Makes the plan of a seed, without some kinds of faults. */
export function relayPlan(seed: number, without: readonly string[] = []): RelayPlan {
  const draw = new Draw(new SeededRandom(seed));
  const setup = {
    tradeMs: draw.whole(1_000, 2_000),
    leaseMs: draw.spread(2_000, 8_000),
    lateMs: draw.whole(300_000, 1_200_000),
    carries: seed % 3 === 0 ? ("frames" as const) : ("feed" as const),
  };
  const steps: Step<RelayAction>[] = [];
  const wanted = draw.whole(30, 50);
  for (let made = 0; made < wanted; made++) {
    // Some faults come while the relays still deal with the one before.
    const last = steps.at(-1)?.at ?? 0;
    const isClose = made > 0 && draw.chance(0.3);
    const at = isClose ? Math.min(LENGTH_MS, last + draw.spread(10, 5_000)) : 0;
    const spaced = draw.whole(10_000, LENGTH_MS);
    const action = MAKERS[draw.of(RELAY_FAULTS)](draw);
    if (!without.includes(action.kind)) steps.push({ at: isClose ? at : spaced, action });
  }
  steps.sort((one, other) => one.at - other.at);
  return { half: "relay", seed, lengthMs: LENGTH_MS, setup, steps };
}
