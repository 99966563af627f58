import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { packAll } from "../pack.js";
import type { Packed } from "../pack.js";
import { mustRun } from "../run.js";

/** The name of the file that lists the digests, in the form that `sha512sum --check` reads. */
export const DIGESTS = "SHA512SUMS";

/**
 * Removes the build of every package, builds, and packs. What is packed is then of this commit's
 * sources and of nothing else.
 */
export function packClean(root: string, into: string): readonly Packed[] {
  for (const entry of readdirSync(join(root, "packages")))
    for (const built of ["dist", "page/dist"])
      rmSync(join(root, "packages", entry, built), { recursive: true, force: true });
  mustRun(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b"], root);
  mustRun(process.execPath, [join(root, "scripts/build-page.js")], root);
  mkdirSync(into, { recursive: true });
  return packAll(root, into);
}

/** The digests of tarballs by file name. */
export function digestsOf(packed: readonly Pick<Packed, "tarball">[]): ReadonlyMap<string, string> {
  return new Map(
    packed.map(({ tarball }) => [
      basename(tarball),
      createHash("sha512").update(readFileSync(tarball)).digest("hex"),
    ]),
  );
}

/** Returns a sentence for each file that is missing on one side, or differs. */
export function compareDigests(
  expected: ReadonlyMap<string, string>,
  actual: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...expected.keys(), ...actual.keys()])].flatMap((name) => {
    const [one, other] = [expected.get(name), actual.get(name)];
    if (one === undefined) return [`${name} is not expected`];
    if (other === undefined) return [`${name} is missing`];
    return one === other ? [] : [`${name} differs: ${one.slice(0, 16)}, ${other.slice(0, 16)}`];
  });
}

/** Writes the digests of a folder's tarballs beside them. */
export function writeDigests(folder: string, digests: ReadonlyMap<string, string>): void {
  const lines = [...digests].map(([name, digest]) => `${digest}  ${name}\n`);
  writeFileSync(join(folder, DIGESTS), lines.join(""));
}

/**
 * Reads the digests that {@link writeDigests} wrote.
 *
 * @throws Error if a line is no digest and file name, or if there is none
 */
export function readDigests(folder: string): ReadonlyMap<string, string> {
  const lines = readFileSync(join(folder, DIGESTS), "utf8").split("\n").filter(Boolean);
  if (lines.length === 0) throw new Error(`${DIGESTS} lists no file`);
  return new Map(
    lines.map((line) => {
      const [, digest, name] = /^([0-9a-f]{128}) {2}(\S+)$/.exec(line) ?? [];
      if (digest === undefined || name === undefined)
        throw new Error(`${DIGESTS} has a line that is no digest: ${JSON.stringify(line)}`);
      return [name, digest] as const;
    }),
  );
}
