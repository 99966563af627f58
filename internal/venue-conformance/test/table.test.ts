import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PROPERTIES } from "@oath-ws/testing/venue";
import { expected, renderTable, withTable } from "../src/table.js";
import { VENUES } from "../src/venues.js";

const page = readFileSync(
  join(import.meta.dirname, "..", "..", "..", "docs", "reports", "venues.md"),
  "utf8",
);

describe("docs/reports/venues.md", () => {
  it("is up to date (if not: npm run build && npm run venues -- --write)", () => {
    expect(withTable(page, renderTable(VENUES, expected))).toBe(page);
  });

  it("has a row for every property, a column for every feed, and a reason for whatever does not apply", () => {
    const [head = "", , ...rows] = renderTable(VENUES, expected).split("\n");
    const feeds = VENUES.flatMap((venue) =>
      venue.feeds.map((feed) => `${venue.name} ${feed.name}`),
    );
    expect(head).toBe(`| property | claim | ${feeds.join(" | ")} |`);
    expect(rows.slice(0, PROPERTIES.length).map((row) => row.split("`")[1])).toEqual(
      PROPERTIES.map(({ id }) => id),
    );
    for (const { feeds: each } of VENUES)
      for (const { notApplicable } of each)
        for (const reason of Object.values(notApplicable)) expect(page).toContain(reason);
  });

  it("changes with a venue, with a feed's exceptions, and with what failed", () => {
    const [first, ...others] = VENUES;
    expect(withTable(page, renderTable(others, expected))).not.toBe(page);
    const renamed = {
      ...first!,
      feeds: first!.feeds.map((feed) => ({ ...feed, notApplicable: {} })),
    };
    expect(withTable(page, renderTable([renamed, ...others], expected))).not.toBe(page);
    const failed = renderTable(VENUES, () => ({ kind: "fails", problem: "it | broke" }));
    expect(failed).toContain(String.raw`**fails**: it \| broke`);
  });

  it("cannot be written without its markers", () => {
    expect(() => withTable("# nothing", "")).toThrow("no table");
  });
});

it("every property applies to some feed", () => {
  const feeds = VENUES.flatMap((venue) => venue.feeds);
  for (const { id } of PROPERTIES)
    expect(
      feeds.filter(({ notApplicable }) => notApplicable[id] === undefined),
      id,
    ).not.toEqual([]);
});
