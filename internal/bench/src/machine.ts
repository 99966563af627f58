import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Machine, Run } from "./model.js";

const PACKAGES = ["ws", "undici"];

export function describeMachine(): Omit<Machine, "othersBusy"> {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch} ${release().replace(/-.*/, "")}`,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  };
}

const LOOK_MS = 1_000;

/** Share of all processors that is used while this process waits. */
export async function busyShare(): Promise<number> {
  const before = processorTimes();
  await delay(LOOK_MS);
  const after = processorTimes();
  const share = 1 - (after.idle - before.idle) / (after.all - before.all);
  return Math.round(share * 100) / 100;
}

function processorTimes(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return {
    idle: sum(times.map(({ idle }) => idle)),
    all: sum(times.flatMap((one) => Object.values(one))),
  };
}

/** The commit that is measured. What is not committed in sources is told. */
export function describeSource(): Pick<Run, "commit" | "dirty"> {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  try {
    const changed = git("status", "--porcelain", "--", "packages", "internal/bench/src");
    return { commit: git("rev-parse", "--short=10", "HEAD"), dirty: changed !== "" };
  } catch {
    return { commit: "unknown", dirty: true };
  }
}

/** Read from the folder that is really loaded; some packages do not export their package.json. */
function versionOf(name: string): string {
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    try {
      const text = readFileSync(`${folder}/${name}/package.json`, "utf8");
      return String((JSON.parse(text) as { readonly version?: unknown }).version);
    } catch {
      // Not in this folder.
    }
  }
  return "unknown";
}
