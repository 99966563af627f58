import fc from "fast-check";
import type { Action, DialPlan, SendKind } from "./model-actions.js";

/**
 * Actions that belong together, for what single ones hardly ever come to: a peer that does not read
 * for longer than it may, in the midst of its own data.
 */

const pause = (maxMs: number): fc.Arbitrary<Action> =>
  fc.record({ kind: fc.constant("advance"), ms: fc.integer({ min: 1, max: maxMs }) } as const);

const sends = (kinds: readonly SendKind[], least: number): fc.Arbitrary<Action> =>
  fc.record({
    kind: fc.constant("send"),
    what: fc.constantFrom(...kinds),
    count: fc.integer({ min: least, max: 4 }),
    abortAfterMs: fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 2_000 })),
  } as const);

/** Sends to a peer that goes on sending and does not read. */
const unread: fc.Arbitrary<readonly Action[]> = fc
  .tuple(
    sends(["plain", "plain", "urgent", "wait", "ping"], 1),
    fc.array(pause(1_800), { minLength: 4, maxLength: 8 }),
  )
  .map(([first, pauses]) => [
    { kind: "stopReading" },
    first,
    ...pauses.flatMap((each): Action[] => [each, { kind: "frames", count: 1, bytes: 1 }]),
  ]);

/** More sends than the limit allows. */
const burst: fc.Arbitrary<readonly Action[]> = fc.tuple(
  sends(["plain"], 3),
  sends(["urgent", "plain"], 2),
  pause(1_500),
);

/** More pings than the limit allows to answer. */
const pinged: fc.Arbitrary<readonly Action[]> = fc
  .tuple(fc.integer({ min: 3, max: 8 }), pause(500))
  .map(([count, after]) => [
    ...Array.from({ length: count }, () => ({ kind: "ping" }) as const),
    after,
  ]);

/** A reconnect that is asked for while neighbours have used up the gate. */
const crowded: fc.Arbitrary<readonly Action[]> = fc
  .tuple(pause(2_000), pause(2_000))
  .map(([before, after]) => [
    before,
    { kind: "neighbours", retryAfterMs: undefined },
    { kind: "force" },
    after,
    { kind: "look" },
  ]);

/** A machine that sleeps while a reconnect waits for the end of a block. */
const sleeping: fc.Arbitrary<readonly Action[]> = fc
  .tuple(pause(500), fc.integer({ min: 1, max: 15_000 }), pause(2_000))
  .map(([before, ms, after]) => [
    { kind: "neighbours", retryAfterMs: 30_000 },
    { kind: "force" },
    before,
    { kind: "sleep", ms },
    { kind: "advance", ms: 5_000 },
    after,
  ]);

const refused: Action = {
  kind: "dial",
  plan: { kind: "refuse", status: undefined, retryAfterMs: undefined },
};
const taken: Action = { kind: "dial", plan: { kind: "accept", afterMs: undefined, early: 0 } };

/** The first endpoint is down for a moment, and a trial finds it up again, or slow, or not. */
const away: fc.Arbitrary<readonly Action[]> = fc
  .tuple(
    fc.constantFrom<DialPlan>(
      { kind: "accept", afterMs: 800, early: 2 },
      { kind: "accept", afterMs: 800, early: 0 },
      { kind: "hang" },
      { kind: "refuse", status: 503, retryAfterMs: 2_000 },
      { kind: "acceptThenReset" },
    ),
    fc.constantFrom(true, false, false),
    fc.constantFrom(100, 3_000),
    fc.array(pause(1_200), { minLength: 10, maxLength: 16 }),
  )
  .map(([plan, answers, before, pauses]) => [
    // The attempts so far are forgotten.
    { kind: "advance", ms: 10_000 },
    refused,
    taken,
    { kind: "reset" },
    { kind: "advance", ms: 1_000 },
    { kind: "dial", plan },
    ...(answers ? [] : [{ kind: "peerClose", answers } as const]),
    { kind: "advance", ms: before },
    ...pauses.flatMap((each): Action[] => [each, { kind: "frames", count: 1, bytes: 1 }]),
  ]);

/** Every endpoint refuses until the connection gives up; only before it was ever up. */
export const refusedEverywhere: readonly Action[] = [
  ...Array.from(
    { length: 9 },
    (): Action => ({
      kind: "dial",
      plan: { kind: "refuse", status: 401, retryAfterMs: undefined },
    }),
  ),
  { kind: "advance", ms: 5_000 },
];

export const scene: fc.Arbitrary<readonly Action[]> = fc.oneof(
  { weight: 2, arbitrary: unread },
  { weight: 1, arbitrary: burst },
  { weight: 1, arbitrary: pinged },
  { weight: 1, arbitrary: crowded },
  { weight: 1, arbitrary: sleeping },
  { weight: 3, arbitrary: away },
);
