import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./repository.js";

/**
 * Writes the reference of every package's API, a page for each entry, from the built declarations.
 * TypeDoc does not run with the compiler of the workspace, so it and an older one are in `tools`.
 *
 * @param scratch a folder for generated modules: below the repository, so that packages are found
 */
export function writeReference(tools: string, scratch: string, into: string): void {
  mkdirSync(scratch, { recursive: true });
  const files = readdirSync(join(ROOT, "packages")).flatMap((folder) => {
    const manifest = JSON.parse(
      readFileSync(join(ROOT, "packages", folder, "package.json"), "utf8"),
    ) as { readonly name: string; readonly exports: Readonly<Record<string, unknown>> };
    return Object.keys(manifest.exports)
      .filter((entry) => entry !== "./package.json")
      .map((entry) => {
        // A module that exports the entry's names gives the page the name that is imported.
        const specifier = manifest.name + entry.slice(1);
        const file = join(scratch, `${specifier.replaceAll(/[@/]+/g, "-").replace(/^-/, "")}.ts`);
        const code = `/** @module ${specifier} */\nexport * from "${specifier}";\n`;
        writeFileSync(file, code);
        return file;
      });
  });
  const config = join(scratch, "tsconfig.json");
  const extended = join(ROOT, "internal/packages/api/tsconfig.json");
  writeFileSync(config, JSON.stringify({ extends: extended, include: ["*.ts"] }));
  const options = {
    plugin: "typedoc-plugin-markdown",
    out: into,
    tsconfig: config,
    readme: "none",
    router: "module",
    entryFileName: "index",
    disableSources: "true",
    excludePrivate: "true",
    // What a dependency of ours declares is a part of the API where we export it.
    excludeExternals: "false",
    hidePageHeader: "true",
    hideBreadcrumbs: "true",
    skipErrorChecking: "true",
    githubPages: "false",
    logLevel: "Error",
  };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const typedoc = join(tools, "node_modules/typedoc/bin/typedoc");
  execFileSync(process.execPath, [typedoc, ...flags, ...files], { cwd: tools, stdio: "inherit" });
}
