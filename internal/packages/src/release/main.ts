// The steps of a release that are not npm's own:
//
//   pack FOLDER      builds cleanly and packs, twice, fails if the two differ, and leaves the
//                    tarballs, their digests and a bill of materials in FOLDER
//   compare FOLDER   fetches what the registry serves under the same names and versions, and fails
//                    if it is not what FOLDER has
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { mustRun, run } from "../run.js";
import { compareDigests, digestsOf, packClean, readDigests, writeDigests } from "./tarballs.js";

const root = join(import.meta.dirname, "../../../..");
const [verb, folder] = process.argv.slice(2);
const faults = folder === undefined ? undefined : perform(resolve(folder));
for (const fault of faults ?? []) console.error(`FAULT: ${fault}`);
if (faults === undefined) console.error("usage: npm run release -- pack FOLDER | compare FOLDER");
else if (faults.length === 0) console.log(`release ${verb}: ok`);
process.exitCode = faults === undefined ? 2 : faults.length === 0 ? 0 : 1;

function perform(into: string): readonly string[] | undefined {
  switch (verb) {
    case "pack":
      return pack(into);
    case "compare":
      return compare(into);
    default:
      return undefined;
  }
}

function pack(into: string): readonly string[] {
  const packed = packClean(root, into);
  const digests = digestsOf(packed);
  const faults = withFolder((again) => compareDigests(digests, digestsOf(packClean(root, again))));
  writeDigests(into, digests);
  const sbom = ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev"];
  const workspaces = packed.flatMap(({ name }) => ["--workspace", name]);
  writeFileSync(join(into, "sbom.cdx.json"), mustRun("npm", [...sbom, ...workspaces], root));
  return faults;
}

function compare(from: string): readonly string[] {
  const expected = readDigests(from);
  return withFolder((fetched) => {
    const faults: string[] = [];
    const served = [...expected.keys()].flatMap((name) => {
      // oath-ws-venue-kit-0.2.0.tgz is the tarball of @oath-ws/venue-kit, and oath-ws-0.2.0.tgz
      // that of oath-ws.
      const spec = name
        .replace(/\.tgz$/, "")
        .replace(/-(?=\d+\.\d+\.\d+)/, "@")
        .replace(/^oath-ws-/, "@oath-ws/");
      const { err, code } = run("npm", ["pack", spec, "--pack-destination", fetched], fetched);
      if (code !== 0) faults.push(`${spec} could not be fetched\n${err}`);
      return code === 0 ? [{ tarball: join(fetched, name) }] : [];
    });
    return [...faults, ...compareDigests(expected, digestsOf(served))];
  });
}

function withFolder<T>(body: (folder: string) => T): T {
  const created = mkdtempSync(join(tmpdir(), "oath-ws-release-"));
  try {
    return body(created);
  } finally {
    rmSync(created, { recursive: true, force: true });
  }
}
