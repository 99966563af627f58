/** What is wrong with a page of acceptance cards for a suite that has these properties. */
export function cardProblems(page: string, properties: readonly string[]): string[] {
  const problems: string[] = [];
  const named = new Set<string>();
  const cards = page.split(/^(?=#{1,3} )/m).filter((section) => section.startsWith("### Card "));
  cards.forEach((card, index) => {
    const number = Number(/^### Card (\d+): \S/.exec(card)?.[1]);
    if (number !== index + 1) problems.push(`card ${number} should be card ${index + 1}`);
    const entry = (name: string): string | undefined =>
      new RegExp(String.raw`^- ${name}: (.+(?:\n  .+)*)`, "m").exec(card)?.[1];
    const suite = entry("Suite");
    if (suite === undefined) problems.push(`card ${number} does not say what the suite shows`);
    if (entry("Tests of your own") === undefined)
      problems.push(`card ${number} does not say what further tests show`);
    for (const [, id = ""] of (suite ?? "").matchAll(/`([a-z-]+)`/g)) {
      if (!properties.includes(id))
        problems.push(`card ${number} names ${id}, which is no property`);
      named.add(id);
    }
  });
  for (const id of properties) if (!named.has(id)) problems.push(`${id} is on no card`);
  return problems;
}
