import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { staleBuild } from "../src/release/stale-build.js";
import {
  compareDigests,
  digestsOf,
  readDigests,
  writeDigests,
  DIGESTS,
} from "../src/release/tarballs.js";

const root = join(import.meta.dirname, "../../..");

interface Manifest {
  readonly version: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "oath-ws-release-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function give(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

/** The manifests of the workspace, without anything else, in a repository of their own. */
function workspaceOfManifests(): { readonly folder: string; readonly manifests: string[] } {
  const folder = emptyFolder();
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@localhost", ...args], {
      cwd: folder,
      encoding: "utf8",
    });
  const files = execFileSync("git", ["ls-files", "*package.json", ".changeset/config.json"], {
    cwd: root,
    encoding: "utf8",
  });
  const listed = files.split("\n").filter((file) => file !== "");
  for (const file of listed) give(folder, file, readFileSync(join(root, file), "utf8"));
  give(folder, "package-lock.json", "{}");
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "manifests");
  return { folder, manifests: listed.filter((file) => file.endsWith("package.json")) };
}

function manifestIn(folder: string, file: string): Manifest {
  return JSON.parse(readFileSync(join(folder, file), "utf8")) as Manifest;
}

describe("changesets", () => {
  it.each([
    ["patch", /^(\d+)\.(\d+)\.(\d+)$/],
    ["minor", /^(\d+)\.(\d+)\.0$/],
  ])("a %s of one package moves every package to one version, and no further", (bump, shape) => {
    const { folder, manifests } = workspaceOfManifests();
    const front = "packages/node/package.json";
    const before = manifestIn(folder, front).version;
    give(folder, ".changeset/one.md", `---\n"oath-ws": ${bump}\n---\n\nA change.\n`);
    const bin = join(root, "node_modules/@changesets/cli/bin.js");
    execFileSync(process.execPath, [bin, "version"], { cwd: folder, stdio: "pipe" });

    const after = manifestIn(folder, front).version;
    expect(after).not.toBe(before);
    expect(after).toMatch(shape);
    // A peer that leaves its range would make a patch a major.
    expect(after.split(".")[0]).toBe(before.split(".")[0]);
    for (const file of manifests) {
      const manifest = manifestIn(folder, file);
      if (manifest.private !== true) expect(manifest.version, file).toBe(after);
      for (const [name, version] of Object.entries(manifest.dependencies ?? {}))
        if (/^(@oath-ws\/|oath-ws$)/.test(name)) expect(version, `${file}, ${name}`).toBe(after);
    }
    expect(readFileSync(join(folder, "packages/node/CHANGELOG.md"), "utf8")).toContain("A change.");
  });
});

describe("the change logs", () => {
  it.each(readdirSync(join(root, "packages")))("of %s begins with its version", (folder) => {
    const { version } = manifestIn(root, `packages/${folder}/package.json`);
    const log = readFileSync(join(root, "packages", folder, "CHANGELOG.md"), "utf8");
    expect(/^## (.+)$/m.exec(log)?.[1]).toBe(version);
  });
});

describe("prepack", () => {
  function builtPackage(): string {
    const folder = emptyFolder();
    const compilerOptions = {
      rootDir: "src",
      outDir: "dist",
      module: "nodenext",
      target: "es2023",
      composite: true,
      declaration: true,
      declarationMap: true,
      sourceMap: true,
      types: [],
      tsBuildInfoFile: "dist/.tsbuildinfo",
    };
    give(folder, "tsconfig.json", JSON.stringify({ compilerOptions, include: ["src"] }));
    give(folder, "src/deep/one.ts", "export const one = 1;\n");
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "-b", folder]);
    return folder;
  }

  it("accepts the build of the sources", () => {
    expect(staleBuild(root, builtPackage())).toEqual([]);
  });

  it("refuses what an earlier build left, what is missing, and what is older", () => {
    const folder = builtPackage();
    give(folder, "dist/old.js", "");
    give(folder, "src/two.ts", "export const two = 2;\n");
    const faults = staleBuild(root, folder);
    expect(faults).toContain("dist/old.js has no source: remove dist, then build.");
    expect(faults).toContain("dist/two.js is missing: build first.");
    expect(faults).toContain("the build is older than its sources: build first.");
    rmSync(join(folder, "dist"), { recursive: true });
    expect(staleBuild(root, folder)).toContain("dist/deep/one.js is missing: build first.");
  });

  it("is asked by every package", () => {
    for (const entry of readdirSync(join(root, "packages"))) {
      const text = readFileSync(join(root, "packages", entry, "package.json"), "utf8");
      const { scripts } = JSON.parse(text) as { readonly scripts?: Record<string, string> };
      expect(scripts, entry).toEqual({
        prepack: "node ../../internal/packages/dist/release/check-build.js",
      });
    }
  });
});

describe("the digests of tarballs", () => {
  it("are written, read, and differ when a byte does", () => {
    const folder = emptyFolder();
    give(folder, "a-1.0.0.tgz", "one");
    give(folder, "b-1.0.0.tgz", "two");
    const packed = (name: string) => ({ tarball: join(folder, name) });
    const files = [packed("a-1.0.0.tgz"), packed("b-1.0.0.tgz")];
    const digests = digestsOf(files);
    writeDigests(folder, digests);
    expect(readDigests(folder)).toEqual(digests);
    expect(compareDigests(digests, digestsOf(files))).toEqual([]);

    give(folder, "b-1.0.0.tgz", "twO");
    give(folder, "c-1.0.0.tgz", "three");
    const after = digestsOf([packed("b-1.0.0.tgz"), packed("c-1.0.0.tgz")]);
    expect(compareDigests(digests, after)).toEqual([
      "a-1.0.0.tgz is missing",
      expect.stringMatching(/^b-1\.0\.0\.tgz differs: [0-9a-f]{16}, [0-9a-f]{16}$/),
      "c-1.0.0.tgz is not expected",
    ]);
  });

  it.each([
    ["", "lists no file"],
    ["0123  a.tgz\n", "a line that is no digest"],
  ])("are refused as %j", (text, message) => {
    const folder = emptyFolder();
    give(folder, DIGESTS, text);
    expect(() => readDigests(folder)).toThrow(message);
  });
});
