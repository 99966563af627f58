import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Packed } from "./pack.js";
import { run } from "./run.js";

/** A version of the compiler, and where it is. */
export interface Compiler {
  readonly version: string;
  readonly tsc: string;
}

const SETTINGS = {
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
} as const;

/**
 * Compiles imports of every entry of every package, checking the declarations too, with each
 * compiler and for each way of finding modules. Returns the faults.
 */
export function checkTypes(
  project: string,
  packed: readonly Packed[],
  compilers: readonly Compiler[],
): readonly string[] {
  const all = packed.flatMap(({ name, folder }) => entriesOf(name, folder));
  const web = all.filter((entry) => entry.startsWith("@oath-ws/web"));
  writeFileSync(join(project, "types.ts"), importsOf(all));
  writeFileSync(join(project, "types-web.ts"), importsOf(web));
  const faults: string[] = [];
  for (const { version, tsc } of compilers) {
    for (const [name, setting] of Object.entries(SETTINGS)) {
      // In a browser nothing declares Node's globals, and `lib` may be older than ours.
      for (const [file, lib, types] of [
        ["types.ts", ["es2023"], ["node"]],
        ["types-web.ts", ["es2022", "dom"], []],
      ] as const) {
        const compilerOptions = {
          ...setting,
          target: "es2022",
          lib,
          types,
          strict: true,
          skipLibCheck: false,
          noEmit: true,
        };
        const config = join(project, `tsconfig.check.json`);
        writeFileSync(config, JSON.stringify({ compilerOptions, files: [file] }));
        const { out, code } = run(process.execPath, [tsc, "-p", config], project);
        if (code !== 0) faults.push(`TypeScript ${version}, ${name}, ${file}:\n${out}`);
      }
    }
  }
  return faults;
}

/** The module specifiers that a package exports. */
function entriesOf(name: string, folder: string): readonly string[] {
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, unknown>>;
  };
  return Object.keys(exports)
    .filter((entry) => entry !== "./package.json")
    .map((entry) => name + entry.slice(1));
}

function importsOf(entries: readonly string[]): string {
  const lines = entries.map((entry, i) => `import * as m${i} from ${JSON.stringify(entry)};`);
  const used = entries.map((_, i) => `m${i}`).join(", ");
  return `${lines.join("\n")}\nexport const all: readonly object[] = [${used}];\n`;
}
