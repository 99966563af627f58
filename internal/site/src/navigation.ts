/** A page of the site, as the side bar and `llms.txt` show it. */
export interface Entry {
  /** The path on the site, with its suffix `.md`. */
  readonly place: string;
  readonly title: string;
  readonly summary: string;
}

export interface Section {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** The order of reading. A section begins with the pages that are named; others follow by title. */
const SECTIONS: readonly (readonly [string, RegExp, readonly string[]])[] = [
  ["Start", /^start\/(?!what-you-hold)/, ["start/index.md"]],
  ["What you hold", /^start\/what-you-hold\.md$/, []],
  ["Recipes", /^howto\//, []],
  ["Topics", /^topics\//, ["topics/lifecycle.md", "topics/liveness.md", "topics/reconnect.md"]],
  ["Venues", /^venues\//, ["venues/index.md"]],
  [
    "Reference",
    /^(reference|packages|project)\//,
    ["reference/glossary.md", "reference/compatibility.md"],
  ],
  ["Decisions", /^adr\//, ["adr/index.md"]],
  ["Reports", /^reports\//, ["reports/performance.md"]],
];

/**
 * Sorts the pages into sections.
 *
 * @throws Error if a page belongs to no section: it would be on the site, and nothing would lead to
 *   it
 */
export function sectionsOf(entries: readonly Entry[]): readonly Section[] {
  const lost = entries.filter(({ place }) => !SECTIONS.some(([, pattern]) => pattern.test(place)));
  if (lost.length > 0)
    throw new Error(
      `no section has ${lost.map(({ place }) => place).join(", ")}: see navigation.ts`,
    );
  return SECTIONS.map(([title, pattern, first]) => {
    const rank = ({ place }: Entry): number => {
      const at = first.indexOf(place);
      return at === -1 ? first.length : at;
    };
    // Decisions are in the order of their numbers, which their file names begin with.
    const key = (entry: Entry): string => (title === "Decisions" ? entry.place : entry.title);
    return {
      title,
      entries: entries
        .filter(({ place }) => pattern.test(place))
        .sort((one, other) => rank(one) - rank(other) || (key(one) < key(other) ? -1 : 1)),
    };
  });
}

/** The index for language models, in the shape that llmstxt.org describes. */
export function llmsText(
  title: string,
  summary: string,
  sections: readonly Section[],
  url: string,
): string {
  const parts = sections.map(({ title: name, entries }) => {
    const lines = entries.map(
      (entry) => `- [${entry.title}](${url}/${entry.place}): ${entry.summary}`,
    );
    return `## ${name}\n\n${lines.join("\n")}\n`;
  });
  return `# ${title}\n\n> ${summary}\n\n${parts.join("\n")}`;
}
