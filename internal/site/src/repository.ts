import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the repository. */
export const ROOT: string = join(import.meta.dirname, "../../..");

/** What is generated: pages, code blocks and the site. Git and the tools ignore `dist`. */
export const BUILD: string = join(ROOT, "internal/site/dist/build");

/** The files that match patterns of git and that it does not ignore, with slashes. */
export function tracked(...patterns: readonly string[]): readonly string[] {
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "--", ...patterns];
  return execFileSync("git", list, { cwd: ROOT, encoding: "utf8" })
    .split("\n")
    .filter((file) => file !== "" && existsSync(join(ROOT, file)));
}

export function textOf(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}
