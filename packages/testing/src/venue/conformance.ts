import { errorText } from "./error-text.js";
import { ObservedRuntime } from "./observed-runtime.js";
import { patienceOf } from "./patience.js";
import { PROPERTIES } from "./properties/all.js";
import type { Property, PropertyId } from "./properties/property.js";
import { Scene } from "./scene.js";
import type { FeedUnderTest, Stage, VenueUnderTest } from "./venue-under-test.js";

/** What became of a property of a feed. */
export type Outcome =
  | { readonly kind: "holds" }
  | { readonly kind: "not-applicable"; readonly reason: string }
  | { readonly kind: "fails"; readonly problem: string };

/** A property of a feed, for any runner. */
export interface VenueConformanceCase {
  readonly venue: string;
  readonly feed: string;
  readonly property: PropertyId;
  /** Never rejects. */
  readonly run: () => Promise<Outcome>;
}

/** How cases are run. */
export interface ConformanceOptions {
  /**
   * How long each wait may be, in milliseconds. Default 30 000: nothing here takes long, but the
   * machine may be busy.
   */
  readonly patienceMs?: number;
}

const CLEANUP_MS = 2_000;

/**
 * What every venue's adapter must keep, as cases for any runner:
 *
 * ```ts
 * for (const { property, run } of venueConformance(venue)) {
 *   it(property, async (context) => {
 *     const outcome = await run();
 *     if (outcome.kind === "not-applicable") context.skip(outcome.reason);
 *     expect(outcome).toEqual({ kind: "holds" });
 *   });
 * }
 * ```
 *
 * The runner must also fail on unhandled rejections, which no case can see.
 */
export function venueConformance(
  venue: VenueUnderTest,
  options: ConformanceOptions = {},
): readonly VenueConformanceCase[] {
  return venue.feeds.flatMap((feed) =>
    PROPERTIES.map((property) => ({
      venue: venue.name,
      feed: feed.name,
      property: property.id,
      run: () => run(feed, property, options.patienceMs ?? 30_000),
    })),
  );
}

async function run(feed: FeedUnderTest, property: Property, patienceMs: number): Promise<Outcome> {
  const reason = feed.notApplicable[property.id];
  if (reason !== undefined) return { kind: "not-applicable", reason };
  const observed = new ObservedRuntime();
  let stage: Stage | undefined;
  try {
    stage = await feed.open({
      ...property.options,
      observe: (platform) => observed.observe(platform),
    });
    const patience = patienceOf(patienceMs, observed.platform, stage.world);
    await property.check(new Scene(stage, observed, patience));
    return { kind: "holds" };
  } catch (error) {
    return { kind: "fails", problem: errorText(error) };
  } finally {
    if (stage !== undefined) await cleanUp(stage, observed);
  }
}

/** The adapter first, which may hang as well as what was looked at; then its venue. */
async function cleanUp(stage: Stage, observed: ObservedRuntime): Promise<void> {
  try {
    const patience = patienceOf(CLEANUP_MS, observed.platform, stage.world);
    await patience.settled("the adapter", stage.shutdown());
  } catch {
    // The outcome tells already what is wrong.
  }
  await stage.close();
}
