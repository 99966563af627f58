import { describe, expect, it } from "vitest";
import { chaos } from "../src/chaos.js";

/** Which faults a seed gives is fixed; more of them: `npm run chaos -- --faults 5000`. */
const SEEDS = [
  { seed: 1, leaf: "ws" },
  { seed: 2, leaf: "direct" },
  { seed: 3, leaf: "direct" },
  { seed: 4, leaf: "ws" },
] as const;
const FAULTS = 40;

describe("the real stack, over real sockets, through a bad network to a bad server", () => {
  it.each(SEEDS)(
    "keeps every promise over the $leaf leaf under the faults of seed $seed",
    async ({ seed, leaf }) => {
      const { faults, tally, violations, trace } = await chaos({
        seed,
        faults: FAULTS,
        leaf,
        shrinkRuns: 10,
        ownNetwork: false,
      });
      expect({ violations, trace }).toEqual({ violations: [], trace: [] });
      expect(faults).toBe(FAULTS);
      // Otherwise nothing was shown.
      expect(tally.epochs).toBeGreaterThan(5);
      expect(tally.leaves).toEqual({ [leaf]: tally.epochs });
      expect(tally.delivered).toBeGreaterThan(50);
      expect(tally.received).toBeGreaterThan(50);
    },
    300_000,
  );
});
