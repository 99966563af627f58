import fc from "fast-check";
import type { Action, SendKind } from "./model-actions.js";

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

export const scene: fc.Arbitrary<readonly Action[]> = fc.oneof(
  { weight: 2, arbitrary: unread },
  { weight: 1, arbitrary: burst },
  { weight: 1, arbitrary: pinged },
  { weight: 1, arbitrary: crowded },
  { weight: 1, arbitrary: sleeping },
);
