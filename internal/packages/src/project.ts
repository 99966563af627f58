import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Packed } from "./pack.js";
import { mustRun } from "./run.js";

/** Makes an empty project and installs tarballs in it, as a stranger would. */
export function createProject(folder: string, packed: readonly Packed[]): string {
  mkdirSync(folder, { recursive: true });
  const manifest = { name: "stranger", version: "1.0.0", type: "module", private: true };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const tarballs = packed.map(({ tarball }) => tarball);
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund"];
  mustRun("npm", ["install", ...quiet, ...tarballs], folder);
  return folder;
}

/** Copies a file of the repository into the project. */
export function give(project: string, from: string, name: string): void {
  cpSync(from, join(project, name));
}
