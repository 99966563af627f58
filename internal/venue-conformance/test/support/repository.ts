import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** Texts of the repository by path from its root, with `/` between folders. */
export type Texts = ReadonlyMap<string, string>;

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const SKIPPED: ReadonlySet<string> = new Set([".git", "node_modules", "dist", "coverage"]);
const TEXT = /\.(md|ts|js)$/;

/** The repository as it stands on the disk, builds and dependencies left out. */
export interface Repository {
  /** Paths of all files. */
  readonly paths: ReadonlySet<string>;
  /** Markdown, TypeScript and JavaScript. */
  readonly texts: Texts;
}

export function readRepository(): Repository {
  const paths = new Set<string>();
  const texts = new Map<string, string>();
  const folders = [ROOT];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const full = join(folder, entry.name);
      const path = relative(ROOT, full).split(sep).join("/");
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) folders.push(full);
      } else if (entry.isFile()) {
        paths.add(path);
        if (TEXT.test(entry.name)) texts.set(path, readFileSync(full, "utf8"));
      }
    }
  }
  return { paths, texts };
}

/** The part of these texts whose paths match. */
export function matching(texts: Texts, path: RegExp): [path: string, text: string][] {
  return Array.from(texts).filter(([name]) => path.test(name));
}
