import { SeededRandom } from "@oath-ws/testing";
import type { PartialConfig } from "@oath-ws/resilience";
import { Draw } from "../core/draw.js";
import type { Step } from "../core/plan.js";
import type {
  AuthFault,
  ClientAction,
  ClientPlan,
  ClientSetup,
  DialFault,
  MachineFault,
  NeighbourFault,
  SocketFault,
  SourceFault,
  UserAction,
} from "./client-plan.js";

const LENGTH_MS = 600_000;

/** Steps of a plan. At least 20 of them are faults. */
const STEPS = { least: 60, most: 85 } as const;

const CLOSE_CODES = [1000, 1001, 1008, 1011, 1012, 1013, 4001];
const STATUSES = [400, 401, 403, 404, 407, 418, 429, 429, 500, 502, 503, 503];

type Makers<F extends { readonly kind: string }> = {
  readonly [K in F["kind"]]: (draw: Draw) => Extract<F, { readonly kind: K }>;
};

const DIAL: Makers<DialFault> = {
  dialRefused: () => ({ kind: "dialRefused" }),
  dialNoName: () => ({ kind: "dialNoName" }),
  dialSilent: () => ({ kind: "dialSilent" }),
  upgradeReset: () => ({ kind: "upgradeReset" }),
  upgradeEnd: () => ({ kind: "upgradeEnd" }),
  upgradeSilent: () => ({ kind: "upgradeSilent" }),
  upgradeSlow: (draw) => ({ kind: "upgradeSlow", ms: draw.spread(100, 12_000) }),
  upgradeRefused: (draw) => ({
    kind: "upgradeRefused",
    status: draw.of(STATUSES),
    retryAfterS: draw.chance(0.3) ? draw.whole(1, 30) : null,
  }),
  upgradeGarbage: () => ({ kind: "upgradeGarbage" }),
  upgradeWrongAccept: () => ({ kind: "upgradeWrongAccept" }),
  upgradeEarlyData: (draw) => ({ kind: "upgradeEarlyData", frames: draw.spread(1, 40) }),
  upgradeThenClose: (draw) => ({ kind: "upgradeThenClose", code: draw.of(CLOSE_CODES) }),
  upgradeThenReset: () => ({ kind: "upgradeThenReset" }),
};

const AUTH: Makers<AuthFault> = {
  authRefuses: () => ({ kind: "authRefuses" }),
  authHangs: () => ({ kind: "authHangs" }),
  authSlow: (draw) => ({ kind: "authSlow", ms: draw.spread(50, 12_000) }),
};

const SOCKET: Makers<SocketFault> = {
  reset: () => ({ kind: "reset" }),
  end: () => ({ kind: "end" }),
  halfOpen: (draw) => ({ kind: "halfOpen", direction: draw.of(["in", "out", "both"]) }),
  windowCloses: (draw) => ({
    kind: "windowCloses",
    ms: draw.spread(500, 40_000),
    sends: draw.spread(1, 60),
  }),
  latency: (draw) => ({
    kind: "latency",
    ms: draw.spread(50, 8_000),
    forMs: draw.spread(1_000, 60_000),
  }),
  chopped: (draw) => ({
    kind: "chopped",
    bytes: draw.spread(1, 200),
    forMs: draw.spread(1_000, 20_000),
  }),
  burst: (draw) => ({ kind: "burst", frames: draw.spread(2, 120), bytes: draw.spread(10, 400) }),
  fragmented: (draw) => ({
    kind: "fragmented",
    parts: draw.whole(2, 6),
    bytes: draw.spread(10, 2_000),
  }),
  peerCloses: (draw) => ({ kind: "peerCloses", code: draw.of(CLOSE_CODES) }),
  closeUnanswered: () => ({ kind: "closeUnanswered" }),
  violation: (draw) => ({
    kind: "violation",
    what: draw.of(["opcode", "masked", "utf8", "tooBig", "reservedBit"]),
  }),
  pongsMissing: (draw) => ({ kind: "pongsMissing", ms: draw.spread(1_000, 40_000) }),
  quiet: (draw) => ({ kind: "quiet", ms: draw.spread(1_000, 60_000) }),
  pings: (draw) => ({ kind: "pings", count: draw.spread(1, 40) }),
};

const MACHINE: Makers<MachineFault> = {
  stall: (draw) => ({ kind: "stall", ms: draw.spread(20, 30_000) }),
  sleep: (draw) => ({ kind: "sleep", ms: draw.spread(1_000, 600_000) }),
  wallStep: (draw) => ({ kind: "wallStep", ms: draw.whole(-60_000, 60_000) }),
};

const NEIGHBOURS: Makers<NeighbourFault> = {
  neighbours: (draw) => ({ kind: "neighbours", attempts: draw.spread(1, 20) }),
  neighbourBlocked: (draw) => ({ kind: "neighbourBlocked", ms: draw.spread(500, 30_000) }),
};

const SOURCE: Makers<SourceFault> = {
  sourceFails: () => ({ kind: "sourceFails" }),
  sourceRefuses: () => ({ kind: "sourceRefuses" }),
  sourceHangs: () => ({ kind: "sourceHangs" }),
};

const USER: Makers<UserAction> = {
  send: (draw) => ({
    kind: "send",
    what: draw.of(["plain", "plain", "waiting", "deadline", "pinned", "aborted", "pinnedNext"]),
    count: draw.spread(1, 30),
    bytes: draw.spread(12, 12_000),
  }),
  read: (draw) => ({
    kind: "read",
    how: draw.of(["loop", "batches", "take", "not"]),
    pauseMs: draw.chance(0.5) ? 0 : draw.spread(1, 4_000),
  }),
  force: () => ({ kind: "force" }),
  shutdown: (draw) => ({ kind: "shutdown", timeoutMs: draw.spread(1, 5_000) }),
};

type Family = "dial" | "auth" | "source" | "socket" | "machine" | "neighbours" | "user";

/** States of the supervisor in which a step may be asked to happen, the rare ones too. */
const STATES = [
  "resolving",
  "gated",
  "dialing",
  "stale",
  "reserving",
  "staleReserving",
  "letGo",
  "parting",
  "backoff",
  "closing",
  "closed",
  "unrecoverable",
  "exhausted",
];

/** How often each family is drawn. Socket faults are most of what happens to a feed. */
const WEIGHTS: readonly Family[] = [
  ...Array.from({ length: 9 }, () => "socket" as const),
  ...Array.from({ length: 4 }, () => "dial" as const),
  ...Array.from({ length: 3 }, () => "machine" as const),
  ...Array.from({ length: 4 }, () => "user" as const),
  "auth",
  "source",
  "neighbours",
  "neighbours",
];

function names<F extends { readonly kind: string }>(makers: Makers<F>): readonly F["kind"][] {
  return Object.keys(makers);
}

export const SOCKET_FAULTS: readonly SocketFault["kind"][] = names(SOCKET);
export const DIAL_FAULTS: readonly DialFault["kind"][] = names(DIAL);
export const AUTH_FAULTS: readonly AuthFault["kind"][] = names(AUTH);
export const SOURCE_FAULTS: readonly SourceFault["kind"][] = names(SOURCE);
export const OTHER_FAULTS: readonly string[] = [...names(MACHINE), ...names(NEIGHBOURS), "force"];
export const CLIENT_FAULTS: readonly string[] = [
  ...SOCKET_FAULTS,
  ...DIAL_FAULTS,
  ...AUTH_FAULTS,
  ...SOURCE_FAULTS,
  ...OTHER_FAULTS,
];

/** Makes the plan of a seed, without some kinds of faults. */
export function clientPlan(seed: number, without: readonly string[] = []): ClientPlan {
  const draw = new Draw(new SeededRandom(seed));
  const setup = drawSetup(draw);
  const steps: Step<ClientAction>[] = [];
  const add = (at: number, action: ClientAction | undefined, when?: string): void => {
    if (action !== undefined && !isLeftOut(action, without))
      steps.push({ at, action, ...(when === undefined ? {} : { when }) });
  };
  const wanted = draw.whole(STEPS.least, STEPS.most);
  for (let made = 0; made < wanted; made++) {
    const at = draw.whole(1, LENGTH_MS);
    const action = drawAction(draw, draw.of(WEIGHTS), without);
    const isForLater = draw.chance(0.35);
    const needsDial = action !== undefined && "fault" in action;
    // What is for the next dial would wait long for one.
    if (needsDial && draw.chance(0.85)) add(at + 1, { kind: draw.of(["reset", "end", "force"]) });
    add(at, action, isForLater && !needsDial ? draw.of(STATES) : undefined);
  }
  for (const scenario of drawScenarios(draw, setup)) for (const args of scenario) add(...args);
  // Before the first dial.
  if (draw.chance(0.4)) add(0, drawAction(draw, draw.of(["dial", "auth", "source"]), without));
  if (draw.chance(0.15))
    add(draw.whole(LENGTH_MS / 2, LENGTH_MS), USER.shutdown(draw), draw.of(STATES));
  if (draw.chance(0.3)) for (const args of pingsMeetClosedWindow(draw)) add(...args);
  steps.sort((one, other) => one.at - other.at);
  return { half: "client", seed, lengthMs: LENGTH_MS, setup, steps };
}

function isLeftOut(action: ClientAction, without: readonly string[]): boolean {
  return without.includes("fault" in action ? action.fault.kind : action.kind);
}

type Placed = readonly [at: number, action: ClientAction, when?: string];

/** Runs of steps that lead into states which single faults rarely reach. */
function drawScenarios(draw: Draw, { config }: ClientSetup): readonly (readonly Placed[])[] {
  const at = (): number => draw.whole(1, LENGTH_MS);
  const dead = config.liveness === false ? 0 : (config.liveness?.deadAfterMs ?? 0);
  const mute = (from: number): readonly Placed[] => [
    [from, { kind: "quiet", ms: dead + draw.spread(100, 20_000) }],
    [from, { kind: "pongsMissing", ms: dead + draw.spread(100, 20_000) }],
  ];
  const full = (from: number): readonly Placed[] => [
    [from, { kind: "neighbours", attempts: 20 }],
    [from + 1, { kind: "force" }],
  ];
  const first = at();
  const second = at();
  const third = at();
  const heard: Placed = [third + 2, { kind: "burst", frames: 2, bytes: 16 }, "staleReserving"];
  return [
    draw.chance(0.5) ? mute(first) : [],
    draw.chance(0.4) ? full(second) : [],
    draw.chance(0.4)
      ? [...full(third), ...mute(third + 2), ...(draw.chance(0.5) ? [heard] : [])]
      : [],
    draw.chance(0.3) ? [[at(), { kind: "closeUnanswered" }]] : [],
  ];
}

/** The peer pings while nothing that was sent leaves. */
function pingsMeetClosedWindow(draw: Draw): readonly Placed[] {
  const at = draw.whole(1, LENGTH_MS);
  return [
    [at, { kind: "windowCloses", ms: draw.spread(1_000, 8_000), sends: draw.spread(4, 40) }],
    [at + draw.whole(100, 900), { kind: "pings", count: draw.whole(1, 3) }],
  ];
}

function drawAction(
  draw: Draw,
  family: Family,
  without: readonly string[],
): ClientAction | undefined {
  switch (family) {
    case "socket":
      return drawOf(draw, SOCKET, without);
    case "machine":
      return drawOf(draw, MACHINE, without);
    case "neighbours":
      return drawOf(draw, NEIGHBOURS, without);
    case "dial":
      return drawDial(draw, without);
    case "auth": {
      const fault = drawOf(draw, AUTH, without);
      return fault && { kind: "auth", fault, count: draw.spread(1, 6) };
    }
    case "source": {
      const fault = drawOf(draw, SOURCE, without);
      return fault && { kind: "source", fault, count: draw.spread(1, 4) };
    }
    case "user":
      return USER[draw.of(["send", "send", "read", "read", "force"] as const)](draw);
    default:
      return family satisfies never;
  }
}

function drawDial(draw: Draw, without: readonly string[]): ClientAction | undefined {
  const fault = drawOf(draw, DIAL, without);
  return fault && { kind: "dial", fault, count: draw.spread(1, 8) };
}

function drawOf<F extends { readonly kind: string }>(
  draw: Draw,
  makers: Makers<F>,
  without: readonly string[],
): F | undefined {
  const kind = draw.of(names(makers));
  const made: F = makers[kind](draw);
  return without.includes(kind) ? undefined : made;
}

function drawSetup(draw: Draw): ClientSetup {
  const endpoints = draw.chance(0.4) ? 2 : 1;
  return {
    config: drawConfig(draw, endpoints > 1),
    endpoints,
    asks: draw.chance(0.25),
    permanentCode: draw.chance(0.25) ? draw.of(CLOSE_CODES) : null,
    rhythmMs: draw.spread(300, 4_000),
    sendEveryMs: draw.spread(1_000, 8_000),
    latencyMs: draw.spread(1, 200),
  };
}

function drawConfig(draw: Draw, mayReturn: boolean): PartialConfig {
  const probeAfterMs = draw.whole(1_000, 5_000);
  const staleAfterMs = probeAfterMs + draw.whole(500, 5_000);
  const deadAfterMs = staleAfterMs + draw.whole(500, 6_000);
  const maxMessageBytes = draw.spread(4_096, 32_768);
  return {
    connect: { timeoutMs: draw.whole(2_000, 10_000) },
    backoff: {
      minMs: draw.whole(100, 500),
      maxMs: draw.whole(1_000, 10_000),
      stableAfterMs: draw.whole(0, 10_000),
      ...(draw.chance(0.3) ? { firstMs: draw.whole(0, 100) } : {}),
    },
    attempts: {
      max: draw.whole(3, 20),
      windowMs: draw.spread(10_000, 60_000),
      permanentRetries: draw.whole(0, 3),
      permanentForMs: draw.chance(0.2) ? false : draw.spread(20_000, 900_000),
      ...(draw.chance(0.06) ? { maxAttempts: draw.whole(3, 10) } : {}),
    },
    ...(mayReturn ? { failover: { returnAfterMs: draw.spread(5_000, 60_000) } } : {}),
    liveness: draw.chance(0.05)
      ? false
      : {
          probeAfterMs,
          staleAfterMs,
          deadAfterMs,
          ...(draw.chance(0.5) ? { writeStallMs: draw.whole(2_000, 20_000) } : {}),
          ...(draw.chance(0.3) ? { roundTripEveryMs: draw.whole(1_000, 10_000) } : {}),
        },
    buffer: {
      maxFrames: draw.spread(8, 2_000),
      maxBytes: maxMessageBytes * draw.whole(1, 8),
      staleReaderMs: draw.whole(500, 5_000),
      ...(draw.chance(0.3) ? { maxAgeMs: draw.spread(200, 8_000) } : {}),
    },
    send: {
      maxPending: draw.spread(8, 200),
      maxPendingBytes: draw.spread(8_192, 262_144),
      ...(draw.chance(0.5)
        ? { rateLimit: { max: draw.whole(2, 30), windowMs: draw.whole(500, 5_000) } }
        : {}),
    },
    shutdown: { timeoutMs: draw.whole(100, 5_000) },
    limits: { maxMessageBytes },
  };
}
