import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Liveness } from "../../src/core/liveness.js";
import type { LivenessVerdict } from "../../src/core/liveness.js";

const limits = fc
  .tuple(
    fc.integer({ min: 1, max: 3_000 }),
    fc.integer({ min: 1, max: 3_000 }),
    fc.integer({ min: 1, max: 3_000 }),
  )
  .map(([probe, stale, dead]) => ({
    probeAfterMs: probe,
    staleAfterMs: probe + stale,
    deadAfterMs: probe + stale + dead,
  }));
const gaps = fc.array(fc.integer({ min: 0, max: 9_000 }), { maxLength: 25 });

interface Verdict {
  readonly verdict: LivenessVerdict;
  readonly at: number;
  /** When the last frame before it really arrived. */
  readonly heardAt: number;
}

interface Stall {
  readonly from: number;
  readonly until: number;
}

/**
 * An event loop in small: due timers first, then what the network brought, over and over. While it
 * is stalled nothing runs; when it goes on the timer comes first and is late, and only then is read
 * what arrived meanwhile. Ends with `dead`, or with time.
 */
function run(
  liveness: Liveness,
  arrivals: readonly number[],
  until: number,
  stalls: readonly Stall[] = [],
): Verdict[] {
  const verdicts: Verdict[] = [];
  let next = 0;
  let now = 0;
  liveness.open(now, now);
  for (;;) {
    const due = liveness.nextDeadline;
    const wanted = Math.max(now, Math.min(due, arrivals[next] ?? Number.POSITIVE_INFINITY));
    now = stalls.find(({ from, until }) => from < wanted && wanted < until)?.until ?? wanted;
    if (now > until) return verdicts;
    if (due <= now) {
      const verdict = liveness.tick(now, now, now - due);
      verdicts.push({ verdict, at: now, heardAt: arrivals.findLast((at) => at <= now) ?? 0 });
      if (verdict === "dead") return verdicts;
    }
    let heard = false;
    while ((arrivals[next] ?? Number.POSITIVE_INFINITY) <= now) {
      next++;
      heard = true;
    }
    if (heard) liveness.inbound(now);
    // Without an arrival or a stall the next tick is never wanted earlier than this one was.
    else if (stalls.length === 0) expect(liveness.nextDeadline).toBeGreaterThanOrEqual(due);
  }
}

function cumulate(steps: readonly number[]): number[] {
  let at = 0;
  return steps.map((step) => (at += step));
}

describe("Liveness, ticked punctually, whenever frames arrive", () => {
  it("pronounces each mark exactly when the peer has really been silent for so long, and never misses one", () => {
    fc.assert(
      fc.property(limits, gaps, (given, steps) => {
        const arrivals = cumulate(steps);
        const last = arrivals.at(-1) ?? 0;
        const verdicts = run(new Liveness(given), arrivals, last + given.deadAfterMs);
        const marks = {
          probe: given.probeAfterMs,
          stale: given.staleAfterMs,
          dead: given.deadAfterMs,
        };
        for (const [mark, after] of Object.entries(marks)) {
          const found = verdicts.filter(({ verdict }) => verdict === mark);
          for (const { at, heardAt } of found) {
            // A frame that comes in the very turn of a probe was not read yet; stale and dead were
            // confirmed after it.
            if (mark !== "probe" || heardAt !== at) expect(at - heardAt).toBe(after);
          }
        }
        const firstDeath = [0, ...arrivals].find(
          (at, i, all) => (all[i + 1] ?? Number.POSITIVE_INFINITY) - at > given.deadAfterMs,
        );
        const died = verdicts.at(-1);
        expect(died?.verdict).toBe("dead");
        expect(died?.at).toBe((firstDeath ?? last) + given.deadAfterMs);
        expect(verdicts.some(({ verdict }) => verdict === "stalled")).toBe(false);
      }),
      { numRuns: 400 },
    );
  });
});

describe("Liveness, in a process that stalls", () => {
  const stalls = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 1, max: 20_000 })),
    { maxLength: 5 },
  );

  it("never calls a peer dead that sent something during the stall, however long it was", () => {
    fc.assert(
      fc.property(limits, gaps, stalls, (given, steps, pauses) => {
        let clock = 0;
        const intervals = pauses.map(([pause, length]) => {
          const from = clock + pause;
          clock = from + length;
          return { from, until: clock };
        });
        const arrivals = cumulate(steps);
        const end = (arrivals.at(-1) ?? 0) + clock + 10 * given.deadAfterMs;
        const verdicts = run(new Liveness(given), arrivals, end, intervals);
        const died = verdicts.at(-1);
        // With the stalls over, silence is still found out.
        expect(died?.verdict).toBe("dead");
        expect((died?.at ?? 0) - (died?.heardAt ?? 0)).toBeGreaterThanOrEqual(given.deadAfterMs);
      }),
      { numRuns: 400 },
    );
  });

  it("leaves the peer the time to answer a probe before it is called dead", () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 501, max: 100_000 }), (given, lateMs) => {
        const liveness = new Liveness(given);
        const stalledFrom = given.probeAfterMs;
        const resumedAt = stalledFrom + lateMs;
        const verdicts = run(liveness, [], Number.MAX_SAFE_INTEGER, [
          { from: stalledFrom - 0.5, until: resumedAt },
        ]);
        expect(verdicts[0]).toMatchObject({ verdict: "stalled", at: resumedAt });
        expect(verdicts.at(-1)).toMatchObject({
          verdict: "dead",
          at: resumedAt + given.deadAfterMs - given.probeAfterMs,
        });
      }),
      { numRuns: 200 },
    );
  });
});
