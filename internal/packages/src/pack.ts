import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "./run.js";

/** A package of this repository that is published. */
export interface Packed {
  readonly name: string;
  /** The folder that it was packed from. */
  readonly folder: string;
  /** The file that would be published. */
  readonly tarball: string;
}

/** Packs every public package of the repository into a folder. */
export function packAll(root: string, into: string): readonly Packed[] {
  return readdirSync(join(root, "packages")).map((entry) => {
    const folder = join(root, "packages", entry);
    const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      readonly name: string;
    };
    const printed = mustRun("npm", ["pack", "--json", "--pack-destination", into], folder);
    const [{ filename } = { filename: "" }] = JSON.parse(printed) as readonly {
      readonly filename: string;
    }[];
    return { name, folder, tarball: join(into, filename) };
  });
}
