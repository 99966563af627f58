import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

/** Where and with what the numbers were made. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly packages: Readonly<Record<string, string>>;
  /** One-minute load average before the run: well above 0 means that others were at work. */
  readonly loadBefore: number;
}

const PACKAGES = [
  "oath-ws",
  "ws",
  "reconnecting-websocket",
  "partysocket",
  "websocket-ts",
  "undici",
  "@binance/common",
  "tardis-dev",
];

export function describeMachine(): Machine {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
    loadBefore: loadavg()[0] ?? 0,
  };
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
