// Builds the site of the documents: the pages of `docs` and of the packages, the reference of every
// API, search, and `llms.txt`. A dead link fails the build. `internal/site/dist/build/site` has the
// result.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { writeReference } from "./api-reference.js";
import { drawDiagrams, mermaidDraw } from "./diagrams.js";
import { llmsText, sectionsOf } from "./navigation.js";
import type { Entry } from "./navigation.js";
import { placeOf, rewriteLinks, summaryOf, titleOf, withoutComments } from "./pages.js";
import { BUILD, ROOT, textOf, tracked } from "./repository.js";
import { buildSite } from "./vitepress.js";

/** Where the site is served. */
const URL_OF_SITE = "https://oath-ws.github.io/oath-ws";

const tools = join(ROOT, "internal/site/tools");
const pages = join(BUILD, "pages");
const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
execFileSync("npm", ["ci", ...quiet], { cwd: tools, stdio: "inherit" });
rmSync(BUILD, { recursive: true, force: true });
const draw = await mermaidDraw(tools);

const entries: Entry[] = [];
for (const file of tracked("docs", "*.md", "packages/*/README.md", "examples/README.md")) {
  const place = placeOf(file);
  if (place === undefined) continue;
  mkdirSync(dirname(join(pages, place)), { recursive: true });
  if (!place.endsWith(".md")) {
    cpSync(join(ROOT, file), join(pages, place));
    continue;
  }
  const text = textOf(file);
  const linked = withoutComments(rewriteLinks(file, text, isFolder));
  const { text: drawn, pictures } = drawDiagrams(place, linked, draw);
  writeFileSync(join(pages, place), drawn);
  for (const [name, picture] of pictures) write(join(pages, "public/diagrams", name), picture);
  // The page itself, for readers that want no HTML.
  write(join(pages, "public", place), linked);
  entries.push({ place, title: titleOf(text), summary: summaryOf(text) });
}
const sections = sectionsOf(entries);
const front = textOf("README.md");
write(join(pages, "index.md"), withoutComments(rewriteLinks("README.md", front, isFolder)));
write(join(pages, "public/llms.txt"), llmsText("oath-ws", summaryOf(front), sections, URL_OF_SITE));
writeReference(tools, join(BUILD, "entries"), join(pages, "api"));
const site = join(BUILD, "site");
await buildSite({
  tools,
  pages,
  out: site,
  base: new URL(URL_OF_SITE).pathname,
  sections,
});
console.log(`docs: ok, ${entries.length + 1} pages and the reference, in ${relative(ROOT, site)}`);

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function isFolder(path: string): boolean {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.isDirectory() === true;
}
