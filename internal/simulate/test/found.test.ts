import { expect, it } from "vitest";
import type { Plan } from "../src/core/plan.js";
import { simulationOf } from "../src/simulations.js";

/** The shortest plans that showed a fault of the product, each of which is mended. */
const FOUND: readonly (readonly [invariant: string, plan: object])[] = [
  [
    "two owners never append both",
    {
      half: "relay",
      seed: 800016,
      lengthMs: 1010323,
      setup: { tradeMs: 708, leaseMs: 3911, lateMs: 0, carries: "frames" },
      steps: [
        { at: 764331, action: { kind: "sleepRelay", which: 0, ms: 27110 } },
        { at: 1005959, action: { kind: "killOwner", downMs: 282 } },
        { at: 1008071, action: { kind: "forget", tailMs: 1882, downMs: 0 } },
      ],
    },
  ],
  [
    "sends stay within every window",
    {
      half: "client",
      seed: 40018,
      lengthMs: 600000,
      setup: {
        config: {
          connect: { timeoutMs: 455 },
          backoff: { minMs: 48, maxMs: 61, stableAfterMs: 0, firstMs: 0 },
          attempts: { max: 1, windowMs: 1, permanentRetries: 0, permanentForMs: 1, maxAttempts: 1 },
          failover: { returnAfterMs: 1 },
          liveness: {
            probeAfterMs: 3306,
            staleAfterMs: 3553,
            deadAfterMs: 5526,
            writeStallMs: 483,
          },
          buffer: { maxFrames: 1, maxBytes: 6414, staleReaderMs: 1 },
          send: { maxPending: 31, maxPendingBytes: 80276, rateLimit: { max: 5, windowMs: 1137 } },
          shutdown: { timeoutMs: 0 },
          limits: { maxMessageBytes: 25 },
        },
        endpoints: 1,
        asks: false,
        permanentCode: null,
        rhythmMs: 1120,
        sendEveryMs: 2357,
        latencyMs: 0,
      },
      steps: [
        { at: 483386, action: { kind: "windowCloses", ms: 12865, sends: 8 } },
        { at: 488559, action: { kind: "windowCloses", ms: 3271, sends: 24 } },
      ],
    },
  ],
  [
    "a book shows nothing of a connection that has ended",
    {
      half: "coinbase",
      seed: 40023,
      lengthMs: 1495638,
      setup: { latencyMs: 0, jitterMs: 0, stepMs: 6857, perConnection: 7, maxFrames: null },
      steps: [
        {
          at: 1476038,
          action: { kind: "venue", fault: { bytesPerSecond: 968, kind: "throttle" } },
        },
        { at: 1483377, action: { kind: "venue", fault: { count: 1, kind: "reorder" } } },
      ],
    },
  ],
];

it.each(FOUND)(
  "the simulation found it once: %s",
  async (_invariant, found) => {
    const plan = found as Plan;
    expect((await simulationOf(plan.half).run(plan)).violation).toBeUndefined();
  },
  90_000,
);
