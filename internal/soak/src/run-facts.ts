import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, loadavg, platform, release } from "node:os";
import { fileURLToPath } from "node:url";

/** What a reader must know of the run. */
export interface RunFacts {
  readonly date: string;
  readonly watch: string;
  readonly machine: string;
  /** Load of the machine before the run, over the last minute: what else went on. */
  readonly load: number;
  /** Name and version of everything that was driven. */
  readonly versions: readonly string[];
}

/** The facts of a run that is about to begin. */
export function factsOfRun(watch: string): RunFacts {
  const model = cpus()[0]?.model ?? "unknown processor";
  return {
    date: new Date().toISOString().slice(0, 10),
    watch,
    machine:
      `Node ${process.versions.node}, ${platform()} ${release()} ${arch()}, ` +
      `${availableParallelism()} x ${model}`,
    load: loadavg()[0] ?? 0,
    versions: versions(),
  };
}

/** What is installed, of what the package files ask for. */
function versions(): string[] {
  return ["../package.json", "../ccxt/package.json"].flatMap((path) => {
    const here = fileURLToPath(new URL(path, import.meta.url));
    const { dependencies } = JSON.parse(readFileSync(here, "utf8")) as {
      dependencies: Record<string, string>;
    };
    return Object.keys(dependencies)
      .filter((name) => name !== "graphql")
      .map((name) => `${name} ${versionOf(name, here)}`);
  });
}

/** Not every package exports its package file, so it is looked for beside the module. */
function versionOf(name: string, from: string): string {
  for (const folder of createRequire(from).resolve.paths(name) ?? []) {
    try {
      return (
        JSON.parse(readFileSync(`${folder}/${name}/package.json`, "utf8")) as { version: string }
      ).version;
    } catch {
      continue;
    }
  }
  return "(not installed)";
}
