import { createRequire } from "node:module";
import { writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SOURCE } from "./pages.js";
import type { Section } from "./navigation.js";

interface SiteOptions {
  /** The folder that has VitePress. */
  readonly tools: string;
  readonly pages: string;
  readonly out: string;
  /** The path below which the site is served, with slashes around it or not. */
  readonly base: string;
  readonly sections: readonly Section[];
}

/** As far as it is used here. */
interface VitePress {
  readonly build: (root: string) => Promise<void>;
}

/**
 * Builds the site with VitePress.
 *
 * @throws Error if a link of a page leads nowhere
 */
export async function buildSite(options: SiteOptions): Promise<void> {
  const { tools, pages, out, base, sections } = options;
  const config = {
    title: "oath-ws",
    description: "A WebSocket client for programs that lose money when a feed is stale or down",
    base: `/${base.replaceAll(/^\/|\/$/g, "")}/`,
    outDir: out,
    cleanUrls: true,
    lastUpdated: false,
    // The copies of the pages in plain text are served as files.
    srcExclude: ["public/**"],
    // Angle brackets in a sentence are no HTML.
    markdown: { html: false },
    themeConfig: {
      search: { provider: "local" },
      outline: [2, 3],
      nav: [
        { text: "Start", link: "/start/" },
        { text: "API", link: "/api/" },
        { text: "Source", link: SOURCE },
      ],
      sidebar: sections.map(({ title, entries }) => ({
        text: title,
        collapsed: entries.length > 6,
        items: [
          ...(title === "Reference" ? [{ text: "API of every package", link: "/api/" }] : []),
          ...entries.map((entry) => ({
            text: entry.title,
            link: `/${entry.place.replace(/(index)?\.md$/, "")}`,
          })),
        ],
      })),
    },
  };
  mkdirSync(join(pages, ".vitepress"), { recursive: true });
  writeFileSync(
    join(pages, ".vitepress/config.mjs"),
    `export default ${JSON.stringify(config, null, 2)};\n`,
  );
  const { resolve } = createRequire(join(tools, "package.json"));
  const { build } = (await import(pathToFileURL(resolve("vitepress")).href)) as VitePress;
  await build(pages);
}
