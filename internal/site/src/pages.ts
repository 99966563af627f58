import { posix } from "node:path";

/** Where the files of the repository can be seen. */
export const SOURCE = "https://github.com/oath-ws/oath-ws";

/** Pages of the repository that are not below `docs`, and their places on the site. */
const ELSEWHERE: readonly (readonly [RegExp, string])[] = [
  [/^(ARCHITECTURE|CONTRIBUTING|SECURITY|CODE_OF_CONDUCT)\.md$/, "project/$1.md"],
  [/^packages\/([^/]+)\/README\.md$/, "packages/$1.md"],
  [/^(examples)\/README\.md$/, "start/$1.md"],
];

/**
 * The path on the site of a page of the repository, or `undefined` if the site does not have it. A
 * `README.md` is the index of its folder.
 */
export function placeOf(file: string): string | undefined {
  if (file.startsWith("docs/"))
    return file.slice("docs/".length).replace(/(^|\/)README\.md$/, "$1index.md");
  for (const [pattern, place] of ELSEWHERE)
    if (pattern.test(file)) return file.replace(pattern, place).toLowerCase();
  return undefined;
}

/**
 * Rewrites the links of a page so that they work on the site: to another page of it, or to the file
 * in the repository.
 *
 * @param file the path of the page in the repository
 * @param isFolder tells whether a path in the repository is a folder
 */
export function rewriteLinks(
  file: string,
  text: string,
  isFolder: (path: string) => boolean,
): string {
  const rewrite = (link: string): string => {
    if (/^([a-z]+:|#|$)/i.test(link)) return link;
    const [path = "", anchor] = link.split("#");
    const target = posix.normalize(posix.join(posix.dirname(file), path)).replace(/\/$/, "");
    const suffix = anchor === undefined ? "" : `#${anchor}`;
    // The README is the front page.
    if (target === "README.md") return `/index.md${suffix}`;
    const place = placeOf(isFolder(target) ? `${target}/README.md` : target);
    const hasPage = place !== undefined && /\.(md|svg|png)$/.test(place);
    if (!hasPage || (isFolder(target) && !HAS_INDEX.test(target)))
      return `${SOURCE}/${isFolder(target) ? "tree" : "blob"}/main/${target}${suffix}`;
    return `/${place}${suffix}`;
  };
  // Fences and code spans stay as they are.
  return text
    .split(/(^ *```[\s\S]*?^ *```$|`[^`\n]*`)/m)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part
            .replaceAll(/\]\(([^)\s]*)\)/g, (_, link: string) => `](${rewrite(link)})`)
            .replaceAll(
              /^(\[[^\]]+\]: )(\S+)$/gm,
              (_, label: string, link: string) => label + rewrite(link),
            ),
    )
    .join("");
}

/** Removes the comments of a page, but not those in code: the site shows angle brackets as text. */
export function withoutComments(text: string): string {
  return text.replaceAll(
    /(^ *```[\s\S]*?^ *```$|`[^`\n]*`)|^<!--[\s\S]*?-->\n| ?<!--[\s\S]*?-->/gm,
    (_, code: string | undefined) => code ?? "",
  );
}

/** Folders with a `README.md` of their own that is a page of the site. */
const HAS_INDEX = /^(docs\/(start|adr|venues)|packages\/[^/]+|examples)$/;

/** The first heading of a page. */
export function titleOf(text: string): string {
  return /^# (.+)$/m.exec(text)?.[1]?.replaceAll("`", "") ?? "";
}

/** The first paragraph below the first heading, on one line and without links. */
export function summaryOf(text: string): string {
  const [, rest = ""] = /^# .+\n([\s\S]*)/m.exec(text) ?? [];
  const paragraph = rest
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .find((part) => /^[A-Z`*[]/.test(part) && !part.startsWith("```"));
  return (paragraph ?? "")
    .replaceAll(/\s*\n\s*/g, " ")
    .replaceAll(/\[([^\]]+)\](\([^)]*\)|\[[^\]]*\])?/g, "$1");
}
