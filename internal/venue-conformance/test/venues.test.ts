import { describe, expect, it } from "vitest";
import { venueConformance } from "@oath-ws/testing/venue";
import type { VenueConformanceCase } from "@oath-ws/testing/venue";
import { VENUES } from "../src/venues.js";
import { mayWaitTogether } from "./together.js";

const CASES = VENUES.flatMap((venue) => venueConformance(venue));

function holds(cases: readonly VenueConformanceCase[]): void {
  it.for(cases.map((each) => [`${each.venue}, ${each.feed}: ${each.property}`, each] as const))(
    "%s",
    { timeout: 60_000 },
    async ([, { run }], context) => {
      const outcome = await run();
      if (outcome.kind === "not-applicable") context.skip(`not applicable: ${outcome.reason}`);
      expect(outcome).toEqual({ kind: "holds" });
    },
  );
}

describe.concurrent("every venue's adapter", () =>
  holds(CASES.filter(({ property }) => mayWaitTogether(property))));

describe("every venue's adapter that is looked at alone", () =>
  holds(CASES.filter(({ property }) => !mayWaitTogether(property))));
