import { WsError } from "@oath-ws/contract";
import { accept, acceptThenClose, acceptWith, hang, refuse } from "@oath-ws/testing";
import type { DialStep } from "@oath-ws/testing";
import fc from "fast-check";
import { refusedEverywhere, scene } from "./model-scenes.js";

/** What becomes of one dial. */
export type DialPlan =
  | { readonly kind: "accept"; readonly afterMs: number | undefined; readonly early: number }
  | { readonly kind: "acceptThenClose" | "acceptThenReset" | "acceptSilent" | "hang" }
  | {
      readonly kind: "refuse";
      readonly status: number | undefined;
      readonly retryAfterMs: number | undefined;
    };

/** What the AuthSource does, once. */
export type AuthPlan = "refuse" | "throw" | "unreachable" | "badUrl" | "hang" | "slow";

export type SendKind =
  | "plain"
  | "urgent"
  | "wait"
  | "pinned"
  | "pinnedToNext"
  | "big"
  | "tooBig"
  | "ping"
  | "invalid";

export type Action =
  | { readonly kind: "dial"; readonly plan: DialPlan }
  | { readonly kind: "auth"; readonly plan: AuthPlan }
  | { readonly kind: "frames"; readonly count: number; readonly bytes: number }
  | {
      readonly kind:
        | "ping"
        | "pong"
        | "partial"
        | "reset"
        | "silence"
        | "heal"
        | "stopReading"
        | "resumeReading"
        | "mutePongs";
    }
  | { readonly kind: "peerClose"; readonly answers: boolean }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "stall"; readonly ms: number }
  | { readonly kind: "sleep" | "stepWall"; readonly ms: number }
  | { readonly kind: "force" | "look" | "abortConnect" }
  /** Other connections at the same gate use what is free, and are asked to stay away. */
  | { readonly kind: "neighbours"; readonly retryAfterMs: number | undefined }
  | { readonly kind: "shutdown"; readonly timeoutMs: number | undefined }
  | { readonly kind: "take"; readonly count: number }
  | { readonly kind: "loop" | "batches"; readonly count: number; readonly pauseMs: number }
  | { readonly kind: "readable" | "changed"; readonly abortAfterMs: number | undefined }
  | {
      readonly kind: "send";
      readonly what: SendKind;
      readonly count: number;
      readonly abortAfterMs: number | undefined;
    };

/**
 * A step of a run: an action, and whether everything that follows from it happens before the next
 * action.
 */
export interface Step {
  readonly action: Action;
  readonly settle: boolean;
}

/** A whole run. */
export interface Scenario {
  readonly seed: number;
  readonly shuffleTurns: boolean;
  /** Whether `connect()` is awaited, so that there is no handle before the first connection. */
  readonly awaitFirst: boolean;
  readonly withAuth: boolean;
  readonly maxAttempts: number | undefined;
  /** How many of the model's URLs the connection is given. */
  readonly endpoints: number;
  /** `failover.returnAfterMs` */
  readonly returnAfterMs: number | undefined;
  /** `buffer.maxAgeMs` */
  readonly maxAgeMs: number | undefined;
  /** Whether the receive buffer is so large that it never overflows. */
  readonly roomy: boolean;
  readonly steps: readonly Step[];
}

const maybe = <T>(arb: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arb, { nil: undefined });
const ms = (max: number): fc.Arbitrary<number> =>
  fc.oneof(fc.constant(0), fc.integer({ min: 1, max }));

const dialPlan: fc.Arbitrary<DialPlan> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("accept"),
      afterMs: maybe(ms(2_500)),
      early: fc.nat({ max: 7 }),
    } as const),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("acceptThenClose", "acceptThenReset", "acceptSilent", "hang"),
    } as const),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("refuse"),
      status: fc.constantFrom(undefined, 401, 404, 429, 503),
      retryAfterMs: maybe(ms(30_000)),
    } as const),
  },
);

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("dial"), plan: dialPlan } as const) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("auth"),
      plan: fc.constantFrom<AuthPlan[]>("refuse", "throw", "unreachable", "badUrl", "hang", "slow"),
    } as const),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant("frames"),
      count: fc.integer({ min: 1, max: 12 }),
      bytes: fc.nat({ max: 70 }),
    } as const),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "ping",
        "pong",
        "partial",
        "reset",
        "silence",
        "heal",
        "stopReading",
        "resumeReading",
        "mutePongs",
      ),
    } as const),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("peerClose"), answers: fc.boolean() } as const),
  },
  {
    weight: 18,
    arbitrary: fc.record({
      kind: fc.constant("advance"),
      ms: fc.oneof(ms(300), ms(5_000), ms(20_000)),
    } as const),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("stall"),
      ms: fc.oneof(ms(1_000), ms(30_000)),
    } as const),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("sleep"),
      ms: fc.oneof(ms(1_000), ms(30_000)),
    } as const),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("stepWall"),
      ms: fc.integer({ min: -60_000, max: 60_000 }),
    } as const),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("force", "force", "force", "look", "look", "abortConnect"),
    } as const),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("neighbours"),
      retryAfterMs: maybe(ms(5_000)),
    } as const),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("shutdown"), timeoutMs: maybe(ms(2_000)) } as const),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("take"),
      count: fc.integer({ min: 1, max: 10 }),
    } as const),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("loop", "batches"),
      count: fc.integer({ min: 1, max: 10 }),
      pauseMs: fc.oneof(ms(500), ms(3_000)),
    } as const),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("readable", "changed"),
      abortAfterMs: maybe(ms(3_000)),
    } as const),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant("send"),
      what: fc.constantFrom<SendKind[]>(
        "plain",
        "plain",
        "plain",
        "urgent",
        "urgent",
        "wait",
        "wait",
        "pinned",
        "pinnedToNext",
        "big",
        "tooBig",
        "ping",
        "invalid",
      ),
      count: fc.integer({ min: 1, max: 4 }),
      abortAfterMs: maybe(ms(2_000)),
    } as const),
  },
);

const anySteps: fc.Arbitrary<Step[]> = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: fc.record({ actions: fc.tuple(action), settle: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ actions: scene, settle: fc.boolean() }) },
    ),
    { maxLength: 60 },
  )
  .map((parts) =>
    parts.flatMap(({ actions, settle }) => actions.map((each) => ({ action: each, settle }))),
  );

const fatal = refusedEverywhere.map((each) => ({ action: each, settle: false }));
const steps: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 9, arbitrary: anySteps },
  { weight: 1, arbitrary: anySteps.map((rest) => [...fatal, ...rest]) },
);

export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.nat(),
  shuffleTurns: fc.boolean(),
  awaitFirst: fc.boolean(),
  withAuth: fc.boolean(),
  maxAttempts: fc.constantFrom(undefined, undefined, undefined, 6),
  endpoints: fc.constantFrom(1, 3, 3),
  returnAfterMs: fc.constantFrom(undefined, 1_000, 1_000, 4_000),
  maxAgeMs: maybe(fc.constantFrom(500, 2_000)),
  roomy: fc.constant(false),
  steps,
});

/** What happens around a reader that is often late: data, pauses of every length, and breaks. */
const readerAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("frames"),
      count: fc.integer({ min: 1, max: 6 }),
      bytes: fc.nat({ max: 20 }),
    } as const),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("advance"),
      ms: fc.oneof(ms(100), ms(800), ms(3_000)),
    } as const),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("take"),
      count: fc.integer({ min: 1, max: 4 }),
    } as const),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("loop", "batches"),
      count: fc.integer({ min: 1, max: 6 }),
      pauseMs: ms(1_500),
    } as const),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("sleep", "stall"),
      ms: fc.oneof(ms(1_000), ms(30_000)),
    } as const),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("stepWall"),
      ms: fc.integer({ min: -60_000, max: 60_000 }),
    } as const),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("reset", "force") } as const) },
);

export const readerScenarios: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.nat(),
  shuffleTurns: fc.boolean(),
  awaitFirst: fc.constant(false),
  withAuth: fc.constant(false),
  maxAttempts: fc.constant(undefined),
  endpoints: fc.constantFrom(1, 3),
  returnAfterMs: fc.constant(undefined),
  maxAgeMs: maybe(fc.constantFrom(500, 2_000)),
  roomy: fc.boolean(),
  steps: fc.array(fc.record({ action: readerAction, settle: fc.constant(true) }), {
    minLength: 10,
    maxLength: 60,
  }),
});

/**
 * The mock leaf's step for a plan. `onEarly` and `onSilent` tell the model what the script itself
 * did.
 */
export function dialStep(
  plan: DialPlan,
  early: readonly Uint8Array[],
  onSilent: (peer: object) => void,
): DialStep {
  switch (plan.kind) {
    case "accept":
      return acceptWith(
        early.map((data) => ({ kind: "text", data })),
        { afterMs: plan.afterMs },
      );
    case "acceptThenClose":
      return acceptThenClose(1000);
    case "acceptThenReset":
      return accept({ onAccept: (peer) => peer.reset() });
    case "acceptSilent":
      return accept({
        onAccept: (peer) => {
          peer.goSilent();
          onSilent(peer);
        },
      });
    case "hang":
      return hang();
    case "refuse":
      return refuse({
        status: plan.status,
        retryAfterMs: plan.status === undefined ? undefined : plan.retryAfterMs,
      });
    default:
      return plan satisfies never;
  }
}

/** What the AuthSource throws for a plan that fails. */
export function authError(plan: AuthPlan): unknown {
  if (plan === "unreachable")
    return Object.assign(new Error("no token service"), { code: "ECONNREFUSED" });
  return plan === "throw"
    ? new TypeError("bug")
    : new WsError({ kind: "auth", code: "AUTH_FAILED", message: "no" });
}
