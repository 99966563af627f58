import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { majorOf } from "./verdict.js";

/** Where the runtimes of a run are. */
export interface Runtimes {
  /** Executables of Node, in the order of the command line. */
  readonly nodes: readonly string[];
  readonly bun: string;
  /** Removes what was installed. */
  remove(): void;
}

/**
 * Finds the runtimes that the command line names. Major versions other than this process's come
 * from the npm registry into a temporary folder, and so does Bun when it is asked for.
 *
 * @throws Error when npm cannot install them
 */
export function findRuntimes(nodes: readonly string[], wantsBun: boolean): Runtimes {
  const isOther = (node: string): boolean =>
    /^\d+$/.test(node) && Number(node) !== majorOf(process.versions.node);
  const majors = nodes.filter(isOther);
  const platform = `${process.platform}-${process.arch}`;
  const packages = [
    ...majors.map((major) => `node${major}@npm:node-${platform}@${major}`),
    ...(wantsBun ? ["bun"] : []),
  ];
  const folder = packages.length === 0 ? "" : install(packages);
  return {
    nodes: nodes.map((node) => {
      if (isOther(node)) return join(folder, `node${node}`, "bin", "node");
      return /^\d+$/.test(node) ? process.execPath : node;
    }),
    bun: wantsBun ? bunIn(folder) : "bun",
    remove: () => {
      if (folder !== "") rmSync(join(folder, ".."), { recursive: true, force: true });
    },
  };
}

/** Returns the folder `node_modules` that the packages are in. */
function install(packages: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "oath-ws-bench-runtimes-"));
  const flags = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", folder];
  const { status } = spawnSync("npm", ["install", ...flags, ...packages], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status === 0) return join(folder, "node_modules");
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`npm could not install ${packages.join(", ")}`);
}

/** The binary of this platform, which npm chose among the packages that Bun lists. */
function bunIn(folder: string): string {
  const [platform = ""] = readdirSync(join(folder, "@oven"));
  return join(folder, "@oven", platform, "bin", "bun");
}
