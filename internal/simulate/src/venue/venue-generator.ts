import { SeededRandom } from "@oath-ws/testing";
import { Draw } from "../core/draw.js";
import type { Half, Step } from "../core/plan.js";
import type { EndBehind } from "./end-behind-text.js";
import type { AroundAction, VenueAction, VenuePlan } from "./venue-plan.js";

const LENGTH_MS = 1_800_000;

/** Faults of a simulator, as `sim.faults.apply` takes them. */
export type VenueFaultMakers = Readonly<Record<string, (draw: Draw) => object>>;

/** Parts of answers and snapshots of the venues. */
const ENDS_BEHIND = ['"l2_data"', '"subscriptions"', '"result"', '"smd+', '"lastUpdateId"'];

type Makers = {
  readonly [K in AroundAction["kind"]]: (draw: Draw) => Extract<AroundAction, { readonly kind: K }>;
};

const AROUND: Makers = {
  resetAll: () => ({ kind: "resetAll" }),
  resetOne: (draw) => ({ kind: "resetOne", which: draw.whole(0, 9) }),
  blackHole: (draw) => ({
    kind: "blackHole",
    direction: draw.of(["toClient", "toServer", "both"]),
    forMs: draw.spread(1_000, 120_000),
  }),
  latency: (draw) => ({
    kind: "latency",
    ms: draw.spread(50, 4_000),
    forMs: draw.spread(5_000, 120_000),
  }),
  chopped: (draw) => ({
    kind: "chopped",
    bytes: draw.spread(16, 512),
    forMs: draw.spread(2_000, 30_000),
  }),
  dialsFail: (draw) => ({
    kind: "dialsFail",
    how: draw.of(["refuse", "hang"]),
    forMs: draw.spread(1_000, 90_000),
  }),
  noName: (draw) => ({ kind: "noName", forMs: draw.spread(1_000, 60_000) }),
  stall: (draw) => ({ kind: "stall", ms: draw.spread(50, 30_000) }),
  sleep: (draw) => ({ kind: "sleep", ms: draw.spread(1_000, 600_000) }),
  wallStep: (draw) => ({ kind: "wallStep", ms: draw.whole(-30_000, 30_000) }),
  endBehind: (draw) => ({
    kind: "endBehind",
    text: draw.of(ENDS_BEHIND),
    how: draw.of(["close", "reset"]),
  }),
  renew: () => ({ kind: "renew" }),
  resync: (draw) => ({ kind: "resync", which: draw.whole(0, 9) }),
  slowReader: (draw) => ({
    kind: "slowReader",
    which: draw.whole(0, 19),
    forMs: draw.spread(1_000, 300_000),
  }),
};

const AROUND_KINDS = Object.keys(AROUND) as readonly AroundAction["kind"][];

/** Faults that every simulator knows. */
export const COMMON_FAULTS: VenueFaultMakers = {
  reset: () => ({}),
  close: (draw) => ({ code: draw.of([1000, 1001, 1008, 1011, 1012]), reason: "the plan" }),
  "half-open": () => ({}),
  mute: (draw) => ({ forMs: draw.spread(1_000, 120_000) }),
  stall: (draw) => ({ forMs: draw.spread(500, 90_000) }),
  "stop-reading": (draw) => ({ forMs: draw.spread(1_000, 60_000) }),
  throttle: (draw) => ({ bytesPerSecond: draw.spread(500, 20_000) }),
  drop: (draw) => ({ count: draw.spread(1, 20) }),
  "drop-replies": (draw) => ({ count: draw.spread(1, 4) }),
  duplicate: (draw) => ({ count: draw.spread(1, 40) }),
  reorder: (draw) => ({ count: draw.spread(1, 20) }),
  fragment: (draw) => ({ pieces: draw.whole(2, 5) }),
  "bad-utf8": () => ({}),
  oversized: () => ({}),
  "ignore-close": () => ({}),
  refuse: (draw) => ({ status: draw.of([429, 500, 502, 503]), count: draw.spread(1, 8) }),
  "accept-then-close": (draw) => ({ count: draw.spread(1, 8) }),
  clear: () => ({}),
};

/** Every kind of fault of a generator, those of the simulator with its name in front. */
export function venueFaults(makers: VenueFaultMakers): readonly string[] {
  return [...AROUND_KINDS, ...Object.keys(makers).map((kind) => `venue ${kind}`)];
}

/** Makes the plan of a seed, without some kinds of faults. */
export function venuePlan(
  half: Half,
  makers: VenueFaultMakers,
  seed: number,
  without: readonly string[] = [],
): VenuePlan {
  const draw = new Draw(new SeededRandom(seed));
  const drawn = {
    latencyMs: draw.spread(1, 120),
    jitterMs: draw.whole(0, 30),
    stepMs: draw.whole(8_000, 16_000),
    perConnection: 7,
  };
  const steps: Step<VenueAction>[] = [];
  const wanted = draw.whole(30, 50);
  const kinds = Object.keys(makers);
  for (let made = 0; made < wanted; made++) {
    const at = draw.whole(30_000, LENGTH_MS);
    if (draw.chance(0.45)) {
      const action = AROUND[draw.of(AROUND_KINDS)](draw);
      if (!without.includes(action.kind)) steps.push({ at, action });
      continue;
    }
    const kind = draw.of(kinds);
    const fault = { ...makers[kind]?.(draw), kind };
    if (!without.includes(`venue ${kind}`)) steps.push({ at, action: { kind: "venue", fault } });
  }
  // The account's connection carries few frames, a market's many.
  const [least, most] = half === "accounts" ? [2, 16] : [32, 256];
  const setup = { ...drawn, maxFrames: draw.chance(0.4) ? draw.spread(least, most) : null };
  for (const { at, action } of drawScenarios(draw, Object.keys(makers)))
    if (!without.includes(kindOf(action))) steps.push({ at, action });
  steps.sort((one, other) => one.at - other.at);
  return { half, seed, lengthMs: LENGTH_MS, setup, steps };
}

/** The name of an action's kind, as {@link venueFaults} lists it. */
function kindOf(action: VenueAction): string {
  return action.kind === "venue" ? `venue ${action.fault.kind}` : action.kind;
}

/** Runs of steps that lead into states which single faults rarely reach. */
function drawScenarios(draw: Draw, kinds: readonly string[]): readonly Step<VenueAction>[] {
  const at = (): number => draw.whole(30_000, LENGTH_MS);
  const hasOrders = kinds.includes("order-trouble");
  const hasAccount = kinds.includes("terminate-user-data");
  const scenarios = [0, 1].flatMap(() => [
    draw.chance(0.5) ? answerMeetsEnd(draw, at()) : [],
    draw.chance(0.5) && hasAccount ? sessionEnds(draw, at()) : [],
    hasAccount && draw.chance(0.5) ? orderMeetsEnd(draw, at()) : [],
  ]);
  if (hasOrders && kinds.includes("roll-session") && draw.chance(0.5))
    scenarios.push(sessionRollsInBox(draw));
  return scenarios.flat();
}

/** Connections end; those that follow bring an answer or a snapshot, and end with it. */
function answerMeetsEnd(draw: Draw, at: number): readonly Step<VenueAction>[] {
  return [
    { at, action: { kind: "resetAll" } },
    { at: at + 1, action: AROUND.endBehind(draw) },
  ];
}

/**
 * The gateway replaces its session while a penalty box forbids to ask for it, right before the plan
 * ends: a connection that another fault breaks would be made again with the new session.
 */
function sessionRollsInBox(draw: Draw): readonly Step<VenueAction>[] {
  const at = LENGTH_MS - draw.whole(70_000, 80_000);
  // Something is asked for within a minute, and nothing for a quarter of an hour then.
  const box = { kind: "penalty-box", forMs: 66_000 };
  return [
    { at, action: { kind: "venue", fault: box } },
    { at: at + 68_000, action: { kind: "venue", fault: { kind: "roll-session" } } },
  ];
}

/** The next answer to an order comes with the end of its connection. */
function orderMeetsEnd(draw: Draw, at: number): readonly Step<VenueAction>[] {
  const how: EndBehind = draw.chance(0.5) ? "close" : "reset";
  return [{ at, action: { kind: "endBehind", text: '"transactTime"', how } }];
}

/**
 * The session of an account ends on both connections of a renewal. On a slow network that comes
 * between the steps of the renewal; on a fast one the account was asked for before the next login.
 */
function sessionEnds(draw: Draw, at: number): readonly Step<VenueAction>[] {
  const ms = draw.chance(0.5) ? draw.whole(300, 1_500) : draw.spread(1, 100);
  const fault: { readonly kind: string } = { kind: "terminate-user-data" };
  return [
    { at, action: { kind: "latency", ms, forMs: 40_000 } },
    { at: at + 1, action: { kind: "renew" } },
    { at: at + 5 * ms + draw.whole(0, 6 * ms + 2_500), action: { kind: "venue", fault } },
  ];
}
