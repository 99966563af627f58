import { matching } from "./repository.js";
import type { Texts } from "./repository.js";

const RECORD = /^docs\/adr\/(\d{4})-[^/]+\.md$/;
const INDEX = "docs/adr/README.md";

/** Decision records that the index lacks or calls something else, and names without a record. */
export function recordProblems(texts: Texts): string[] {
  const problems: string[] = [];
  const index = texts.get(INDEX) ?? "";
  const records = new Map(
    matching(texts, RECORD).map(([path, text]) => [RECORD.exec(path)?.[1] ?? "", { path, text }]),
  );
  for (const [number, { path, text }] of Array.from(records).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const row = index.split("\n").find((line) => line.includes(`](${path.split("/").at(-1)})`));
    const status = /^(?:- )?Status: (\w+)/m.exec(text)?.[1] ?? "nothing";
    const told = row?.split("|")[2]?.trim().split(/\W/)[0];
    if (row === undefined) problems.push(`ADR-${number} is not in the index`);
    else if (told !== status)
      problems.push(`ADR-${number} is ${status}, and its index says ${told}`);
  }
  for (const [path, text] of matching(
    texts,
    /^(packages|internal\/.*\/src|docs|examples)\/|^[^/]+\.md$/,
  )) {
    for (const number of new Set(
      Array.from(text.matchAll(/ADR-(\d{4})/g), ([, each = ""]) => each),
    ))
      if (!records.has(number)) problems.push(`${path} names ADR-${number}, which does not exist`);
  }
  return problems;
}
