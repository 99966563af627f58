import { describe, expect, it } from "vitest";
import { chaos } from "../src/chaos.js";

/** Which faults a seed gives is fixed; more of them: `npm run chaos -- --faults 5000`. */
const SEEDS = [1, 2, 3];
const FAULTS = 40;

describe("the real stack, over real sockets, through a bad network to a bad server", () => {
  it.each(SEEDS)(
    "keeps every promise under the faults of seed %i",
    async (seed) => {
      const { faults, tally, violations, trace } = await chaos({ seed, faults: FAULTS, shrinkRuns: 10, unplug: false });
      expect({ violations, trace }).toEqual({ violations: [], trace: [] });
      expect(faults).toBe(FAULTS);
      // Otherwise nothing was shown.
      expect(tally.epochs).toBeGreaterThan(5);
      expect(tally.delivered).toBeGreaterThan(100);
      expect(tally.received).toBeGreaterThan(50);
    },
    300_000,
  );
});
