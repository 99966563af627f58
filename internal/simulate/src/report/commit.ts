import { spawnSync } from "node:child_process";

/** The commit that is simulated, with a mark when files differ from it. */
export function commitName(): string {
  const hash = git("rev-parse", "--short", "HEAD");
  if (hash === "") return "unknown";
  return git("status", "--porcelain") === "" ? hash : `${hash} with changes`;
}

function git(...args: readonly string[]): string {
  const { status, stdout } = spawnSync("git", args, {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : "";
}
