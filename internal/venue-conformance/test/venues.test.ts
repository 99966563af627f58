import { describe, expect, it } from "vitest";
import { venueConformance } from "../src/conformance.js";
import { VENUES } from "../src/venues.js";

describe.each(VENUES)("$name", (venue) => {
  it.for(venueConformance(venue).map((each) => [`${each.feed}: ${each.property}`, each] as const))(
    "%s",
    { timeout: 60_000 },
    async ([, { run }], context) => {
      const outcome = await run();
      if (outcome.kind === "not-applicable") context.skip(`not applicable: ${outcome.reason}`);
      expect(outcome).toEqual({ kind: "holds" });
    },
  );
});
