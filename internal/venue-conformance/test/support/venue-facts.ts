import { matching } from "./repository.js";
import type { Texts } from "./repository.js";

const PAGES: Readonly<Record<string, string>> = {
  B: "binance",
  C: "coinbase",
  I: "ibkr",
  K: "kraken",
};
const FACT = /^docs\/venues\//;
const ID = /\b[BCIK]-\d+\b/g;
/** Files whose ids are citations; tests that are about ids themselves have other letters. */
const CITING = /^(packages|internal|docs|examples|scripts)\/|^[^/]+\.md$/;

const SOURCES = ["official documentation", "observed", "third party", "inferred"];
const CONFIDENCES = ["high", "medium", "low"];
const BACKGROUND = "background";

/** Everything that is wrong with the venue facts, and with what cites them. */
export function factProblems(texts: Texts): string[] {
  const problems: string[] = [];
  const facts = new Map<string, { readonly isBackground: boolean }>();
  for (const [page, text] of matching(texts, FACT)) {
    for (const section of text.split(/^(?=#{1,3} )/m)) {
      const id = /^### ([BCIK]-\d+)$/m.exec(section)?.[1];
      if (id === undefined) continue;
      if (facts.has(id)) problems.push(`${id} stands twice`);
      if (page !== pageOf(id)) problems.push(`${id} belongs into ${pageOf(id)}`);
      const value = (name: string): string =>
        new RegExp(String.raw`^- ${name}: (.+)$`, "m").exec(section)?.[1] ?? "";
      if (!SOURCES.includes(value("Source"))) problems.push(`${id} has no known source`);
      if (!CONFIDENCES.includes(value("Confidence"))) problems.push(`${id} has no confidence`);
      if (value("Used by") === "") problems.push(`${id} does not say what uses it`);
      facts.set(id, { isBackground: value("Used by").startsWith(BACKGROUND) });
    }
  }
  const cited = new Set<string>();
  for (const [path, text] of matching(texts, CITING)) {
    const ids = new Set(Array.from(text.matchAll(ID), ([id]) => id));
    for (const id of ids) {
      if (!facts.has(id)) problems.push(`${path} cites ${id}, which is not in docs/venues`);
      if (!FACT.test(path)) cited.add(id);
    }
    if (path.endsWith(".md") && !FACT.test(path)) problems.push(...unlinked(path, text));
  }
  for (const [id, { isBackground }] of facts)
    if (!isBackground && !cited.has(id)) problems.push(`nothing cites ${id}`);
  return problems;
}

/** Citations of a markdown page that are no links to their facts; code can have no links. */
function unlinked(path: string, page: string): string[] {
  const text = page.replace(/^```[^]*?^```/gm, "");
  const definitions = new Map(
    Array.from(text.matchAll(/^\[([BCIK]-\d+)\]: \S*?([^/\s]+)$/gm), ([, id = "", target = ""]) => [
      id,
      target,
    ]),
  );
  const problems: string[] = [];
  for (const { 0: id, index } of text.matchAll(ID)) {
    if (text[index - 1] === "#") continue;
    const isLink = text[index - 1] === "[" && text[index + id.length] === "]";
    const anchor = `${PAGES[id[0] ?? ""]}.md#${id.toLowerCase()}`;
    const rest = text.slice(index + id.length + 1);
    const target = /^\(\S*?([^/\s]+)\)/.exec(rest)?.[1] ?? definitions.get(id);
    if (!isLink) problems.push(`${path} cites ${id} without a link`);
    else if (target !== anchor) problems.push(`${path} does not define [${id}]`);
  }
  return problems;
}

function pageOf(id: string): string {
  return `docs/venues/${PAGES[id[0] ?? ""]}.md`;
}
