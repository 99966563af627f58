import { venueConformance } from "@oath-ws/testing/venue";
import { describe, expect, it } from "vitest";
import { KRAKEN } from "../sim/kraken-under-test.js";

describe("Kraken's adapter", () => {
  for (const { property, run } of venueConformance(KRAKEN)) {
    it(`keeps ${property}`, async (context) => {
      const outcome = await run();
      if (outcome.kind === "not-applicable") context.skip(outcome.reason);
      expect(outcome).toEqual({ kind: "holds" });
    });
  }
});
