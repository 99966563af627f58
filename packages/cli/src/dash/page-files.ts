import { readFileSync } from "node:fs";

/** A file of the page, as it is served. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

/** Where the build puts the page; the same for sources and build of this package. */
const FOLDER = new URL("../../page/dist/bundle/", import.meta.url);

const FILES = [
  ["/", "index.html", "text/html; charset=utf-8"],
  ["/page.js", "page.js", "text/javascript; charset=utf-8"],
  ["/page.css", "page.css", "text/css; charset=utf-8"],
  ["/icon.svg", "icon.svg", "image/svg+xml"],
] as const;

/**
 * The files of the page by their paths.
 *
 * @throws Error when the page was not built
 */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  try {
    return new Map(
      FILES.map(([path, name, type]) => [
        path,
        { type, body: readFileSync(new URL(name, FOLDER)) },
      ]),
    );
  } catch (error) {
    throw new Error("The dashboard's page was not built. Run: npm run build", { cause: error });
  }
}

/** What every answer says: the page loads nothing from elsewhere, and leaks nothing. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};
