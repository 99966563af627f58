import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");
const licence = readFileSync(join(root, "LICENSE"), "utf8");
const { version: current } = manifestOf("node");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly homepage: string;
  readonly bugs: { readonly url: string };
  readonly repository: { readonly directory: string };
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(
    readFileSync(join(root, "packages", folder, "package.json"), "utf8"),
  ) as Manifest;
}

describe.each(readdirSync(join(root, "packages")))("the package %s", (folder) => {
  const manifest = manifestOf(folder);

  it("says what it is, whose, and where its source is", () => {
    expect(manifest.description.length).toBeGreaterThan(40);
    expect(manifest.keywords.length).toBeGreaterThan(3);
    expect(manifest.license).toBe("MIT");
    expect(manifest.repository.directory).toBe(`packages/${folder}`);
    expect(manifest.homepage).toContain(`packages/${folder}`);
    expect(manifest.bugs.url).toMatch(/\/issues$/);
    expect(manifest.engines.node).toBe(">=20.19");
    expect(manifest.exports["./package.json"]).toBe("./package.json");
  });

  it("has a README and the licence in its folder, since only that is packed", () => {
    const folderOf = join(root, "packages", folder);
    expect(statSync(join(folderOf, "README.md")).size).toBeGreaterThan(500);
    expect(readFileSync(join(folderOf, "LICENSE"), "utf8")).toBe(licence);
    for (const entry of manifest.files.filter((file) => !/^(dist|!)/.test(file)))
      expect(existsSync(join(folderOf, entry)), entry).toBe(true);
  });

  it("is of the one version, and depends on others of that version only", () => {
    expect(manifest.version).toBe(current);
    const ours = Object.entries(manifest.dependencies ?? {}).filter(([name]) =>
      /^(oath-ws$|@oath-ws\/)/.test(name),
    );
    expect(ours.filter(([, version]) => version !== current)).toEqual([]);
  });
});
