import { PROPERTIES } from "@oath-ws/testing/venue";
import type { FeedUnderTest, Outcome, PropertyId, VenueUnderTest } from "@oath-ws/testing/venue";

/** What became of a property of a feed. */
export type OutcomeOf = (
  venue: VenueUnderTest,
  feed: FeedUnderTest,
  property: PropertyId,
) => Outcome;

const BEGIN = "<!-- generated: venues, by npm run venues -- --write -->";
const END = "<!-- end of generated: venues -->";

/** As it has to be: whatever is applicable holds. The tests see to it that it does. */
export const expected: OutcomeOf = (_, feed, property) => {
  const reason = feed.notApplicable[property];
  return reason === undefined ? { kind: "holds" } : { kind: "not-applicable", reason };
};

/** Properties against feeds, and below it why some do not apply. */
export function renderTable(venues: readonly VenueUnderTest[], outcomeOf: OutcomeOf): string {
  const feeds = venues.flatMap((venue) => venue.feeds.map((feed) => ({ venue, feed })));
  const reasons: string[] = [];
  const cell = (outcome: Outcome): string => {
    switch (outcome.kind) {
      case "holds":
        return "holds";
      case "fails":
        return `**fails**: ${outcome.problem.replaceAll("|", "\\|")}`;
      case "not-applicable": {
        if (!reasons.includes(outcome.reason)) reasons.push(outcome.reason);
        return `not applicable (${reasons.indexOf(outcome.reason) + 1})`;
      }
      default:
        return outcome satisfies never;
    }
  };
  const rows = PROPERTIES.map(({ id, claim }) => {
    const cells = feeds.map(({ venue, feed }) => cell(outcomeOf(venue, feed, id)));
    return `| \`${id}\` | ${claim} | ${cells.join(" | ")} |`;
  });
  return [
    "| property | claim | " +
      `${feeds.map(({ venue, feed }) => `${venue.name} ${feed.name}`).join(" | ")} |`,
    `|---|---|${"---|".repeat(feeds.length)}`,
    ...rows,
    "",
    "Not applicable, because:",
    "",
    ...reasons.map((reason, index) => `${index + 1}. ${reason}`),
  ].join("\n");
}

/**
 * The page with its table brought up to date.
 *
 * @throws Error when the page has lost its markers
 */
export function withTable(page: string, table: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from === -1 || to < from) throw new Error("the page has no table between its two markers");
  return `${page.slice(0, from + BEGIN.length)}\n\n${table}\n\n${page.slice(to)}`;
}
