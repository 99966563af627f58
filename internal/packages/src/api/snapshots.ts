import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Surface } from "./surface.js";

/** What differs between a snapshot and the build. */
export interface Difference {
  /** The name of the snapshot's file. */
  readonly name: string;
  /** Each begins with `-` (only in the snapshot) or `+` (only in the build). */
  readonly lines: readonly string[];
}

const SUFFIX = ".api.txt";

/** Writes one snapshot for each package, and removes those of packages that are no more. */
export function writeSurfaces(folder: string, surfaces: readonly Surface[]): void {
  for (const name of snapshotsIn(folder)) rmSync(join(folder, name));
  for (const surface of surfaces)
    writeFileSync(join(folder, surface.folder + SUFFIX), surface.text);
}

/** Returns the packages whose declarations differ from their snapshots. */
export function compareSurfaces(
  folder: string,
  surfaces: readonly Surface[],
): readonly Difference[] {
  const built = new Map(surfaces.map((surface) => [surface.folder + SUFFIX, surface.text]));
  const names = new Set([...built.keys(), ...snapshotsIn(folder)]);
  return [...names]
    .map((name) => ({ name, lines: differingLines(textIn(folder, name), built.get(name) ?? "") }))
    .filter(({ lines }) => lines.length > 0);
}

function snapshotsIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
}

function textIn(folder: string, name: string): string {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** A multiset difference: the order within a snapshot is fixed, so lines suffice to show it. */
function differingLines(before: string, after: string): readonly string[] {
  if (before === after) return [];
  const counts = new Map<string, number>();
  for (const line of after.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
  const gone: string[] = [];
  for (const line of before.split("\n")) {
    const left = counts.get(line) ?? 0;
    if (left === 0) gone.push(`- ${line}`);
    else counts.set(line, left - 1);
  }
  const added = [...counts].flatMap(([line, left]) =>
    Array.from({ length: left }, () => `+ ${line}`),
  );
  // Declarations stand apart by empty lines, which say nothing here.
  const lines = [...gone, ...added].filter((line) => line.length > 2);
  return lines.length > 0 ? lines : ["  the order of the lines"];
}
