import { SeededRandom } from "@oath-ws/testing";
import type { Fault, SendKind, Step } from "./fault.js";
import { PACKET_FATES } from "./packet-filter.js";

/** How often each kind comes, relative to the others. */
const WEIGHTS: Readonly<Record<Fault["kind"], number>> = {
  delay: 4,
  slice: 4,
  throttle: 3,
  blackHole: 7,
  reset: 6,
  refuse: 4,
  unplug: 0,
  halfOpen: 0,
  packets: 0,
  acceptThenClose: 4,
  refuseUpgrade: 2,
  closeCode: 5,
  fin: 3,
  violation: 2,
  pings: 3,
  stall: 5,
  burst: 7,
  auth: 3,
  force: 5,
  slowReader: 4,
  block: 2,
  sends: 16,
  reopen: 3,
};

/** What takes a network of our own is at the cost of nothing else: it comes on top. */
const OWN_NETWORK_WEIGHTS: Partial<Record<Fault["kind"], number>> = {
  unplug: 6,
  halfOpen: 6,
  packets: 20,
};

const KINDS = Object.keys(WEIGHTS) as Fault["kind"][];
const SEND_KINDS: readonly SendKind[] = [
  "plain",
  "plain",
  "wait",
  "wait",
  "waitBriefly",
  "pinned",
  "pinnedToNext",
  "aborted",
  "abortedLate",
  "ping",
  "invalid",
];

const STALLS: readonly [Stall, ...Stall[]] = [
  { reading: true, writing: true },
  { reading: true, writing: false },
  { reading: false, writing: true },
];

type Stall = Omit<Extract<Fault, { kind: "stall" }>, "kind">;

/** What is found out by silence, which takes its time. */
const LASTING: ReadonlySet<Fault["kind"]> = new Set([
  "blackHole",
  "stall",
  "unplug",
  "halfOpen",
  "packets",
  "throttle",
]);

/**
 * The faults of a run: the same seed and count give the same list. `ownNetwork`: what the kernel
 * can do to packets is among them.
 */
export function planFaults(seed: number, count: number, ownNetwork = false): Step[] {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, () => {
    // Each step has a generator of its own, so that a kind which draws once more does not change
    // all that follow.
    const own = random.fork();
    const fault = drawFault(pickKind(own, ownNetwork), own);
    return {
      fault,
      holdMs: own.int(3) === 0 ? own.int(LASTING.has(fault.kind) ? 320 : 150) : own.int(30),
      recover: own.int(10) < 6,
    };
  });
}

function pickKind(random: SeededRandom, ownNetwork: boolean): Fault["kind"] {
  const weight = (kind: Fault["kind"]): number =>
    WEIGHTS[kind] + (ownNetwork ? (OWN_NETWORK_WEIGHTS[kind] ?? 0) : 0);
  const total = KINDS.reduce((sum, kind) => sum + weight(kind), 0);
  let left = random.int(total);
  for (const kind of KINDS) {
    left -= weight(kind);
    if (left < 0) return kind;
  }
  return "reset";
}

function drawFault(kind: Fault["kind"], random: SeededRandom): Fault {
  const one = <T>(values: readonly [T, ...T[]]): T =>
    values[random.int(values.length)] ?? values[0];
  const direction = one(["up", "down", "both"] as const);
  switch (kind) {
    case "delay":
      return { kind, direction, delayMs: random.int(60), jitterMs: random.int(60) };
    case "slice":
      return { kind, direction, maxBytes: 1 + random.int(one([3, 40])) };
    case "throttle":
      return { kind, direction, bytesPerSecond: 500 + random.int(one([2_000, 50_000])) };
    case "blackHole":
      return { kind, direction };
    case "reset":
    case "refuse":
    case "fin":
    case "violation":
    case "pings":
    case "slowReader":
    case "unplug":
    case "halfOpen":
      return { kind };
    case "packets":
      return { kind, fate: one(PACKET_FATES), share: one([0.05, 0.2, 0.5]) };
    case "acceptThenClose":
      return {
        kind,
        count: 1 + random.int(3),
        code: one([undefined, 1000, 1001, 1008, 1012, 1013, 4000]),
      };
    case "refuseUpgrade":
      return { kind, count: 1 + random.int(3), status: one([429, 500, 502, 503]) };
    case "closeCode":
      return { kind, code: one([1000, 1001, 1008, 1011, 1012, 1013, 3000, 4999]) };
    case "stall":
      return { kind, ...one(STALLS) };
    case "burst":
      return { kind, frames: 1 + random.int(one([50, 800])), bytes: random.int(one([10, 2_000])) };
    case "auth":
      return { kind, plan: one(["unreachable", "slow", "hangs"]) };
    case "force":
      return { kind, times: 1 + random.int(3) };
    case "block":
      return { kind, ms: 1 + random.int(250) };
    case "sends":
      return {
        kind,
        what: SEND_KINDS[random.int(SEND_KINDS.length)] ?? "plain",
        count: 1 + random.int(20),
        bytes: random.int(one([20, 8_000])),
      };
    case "reopen":
      return { kind, timeoutMs: one([0, 20, 100]), calls: 1 + random.int(2) };
    default:
      return kind satisfies never;
  }
}
