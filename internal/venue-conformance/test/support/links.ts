import { posix } from "node:path";
import { matching } from "./repository.js";
import type { Repository, Texts } from "./repository.js";

const MARKDOWN = /\.md$/;
/** `[text](target)`, and the definition `[name]: target`. */
const LINKS = /\]\(([^()\s]+)\)|^\[[^\]]+\]: (\S+)$/gm;
const FENCED = /^```.*?^```/gms;
const CODE = /`[^`\n]*`/g;
/** A path of at least one folder, in backticks, that ends like a file which we have. */
const PATHS = /`((?:[\w@.-]+\/)+[\w.-]+\.(?:ts|js|md|json|pml))`/g;
/** A path from the root, in a comment. */
const COMMENTED =
  /^\s*(?:\*|\/\/|\/\*).*?((?:docs|packages|internal|scripts|examples)\/[\w./-]+\.(?:md|ts|js))\b/gm;

/** Relative links of markdown whose file or heading does not exist, as `page: target`. */
export function deadLinks({ paths, texts }: Repository): string[] {
  return matching(texts, MARKDOWN).flatMap(([page, text]) =>
    targets(text)
      .filter((target) => !isThere(page, target, paths, texts))
      .map((target) => `${page}: ${target}`),
  );
}

/**
 * Paths that no file of the repository ends with, as `page: path`: in backticks in markdown, and
 * from the root in comments of code.
 */
export function deadPaths({ paths, texts }: Repository): string[] {
  const known = Array.from(paths, (path) => `/${path}`);
  return Array.from(texts).flatMap(([page, text]) =>
    Array.from(text.matchAll(MARKDOWN.test(page) ? PATHS : COMMENTED), ([, path = ""]) => path)
      .filter((path) => !known.some((each) => each.endsWith(`/${path.replace(/^(\.\.?\/)+/, "")}`)))
      .map((path) => `${page}: ${path}`),
  );
}

/** The anchors of a page, as GitHub makes them of its headings. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of text.replaceAll(FENCED, "").matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-");
    let anchor = slug;
    for (let copy = 1; anchors.has(anchor); copy++) anchor = `${slug}-${copy}`;
    anchors.add(anchor);
  }
  return anchors;
}

function targets(text: string): string[] {
  const prose = text.replaceAll(FENCED, "").replaceAll(CODE, "`");
  return Array.from(prose.matchAll(LINKS), ([, inline, defined]) => inline ?? defined ?? "").filter(
    (target) => !/^[a-z]+:/.test(target),
  );
}

function isThere(page: string, target: string, paths: ReadonlySet<string>, texts: Texts): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? page : posix.normalize(posix.join(posix.dirname(page), file));
  const folder = `${path.replace(/\/$/, "")}/`;
  if (!paths.has(path))
    return anchor === undefined && Array.from(paths).some((each) => each.startsWith(folder));
  return anchor === undefined || anchorsOf(texts.get(path) ?? "").has(anchor);
}
