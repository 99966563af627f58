import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { API } from "typescript/unstable/sync";
import type { Block } from "./blocks.js";
import { ROOT } from "./repository.js";

const COMPILER = {
  target: "es2023",
  lib: ["es2023", "esnext.disposable", "dom"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  allowJs: true,
  checkJs: true,
} as const;

/**
 * Checks the TypeScript and JavaScript of pages. A block that stands word for word in a file of
 * `sources` is checked there, as an excerpt of a program that is compiled; every other one has to
 * compile as a module of its own. Returns a sentence for each fault.
 *
 * @param folder where the modules are written: below the repository, so that its packages are found
 */
export function codeFaults(
  blocks: readonly Block[],
  sources: readonly string[],
  folder: string,
): readonly string[] {
  const known = sources.map((source) => words(source));
  const alone = blocks.filter(({ code }) => !known.some((text) => text.includes(words(code))));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "tsconfig.json");
  writeFileSync(config, JSON.stringify({ compilerOptions: COMPILER, include: ["*.ts", "*.js"] }));
  const files = alone.map((block, index) => {
    const file = join(folder, `block-${index}.${block.language}`);
    writeFileSync(file, `${block.code}\nexport {};\n`);
    return { file, block };
  });
  if (files.length === 0) return [];
  const api = new API({ cwd: ROOT });
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error(`the compiler did not open ${config}`);
    return files.flatMap(({ file, block }) => {
      const { program } = project;
      const found = [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ];
      return found.map(({ text, pos }) => {
        const line = block.line + block.code.slice(0, pos).split("\n").length - 1;
        return `${block.page}:${line}: ${text}`;
      });
    });
  } finally {
    api.close();
  }
}

/** Code without its indentation and blank lines. */
function words(code: string): string {
  return code
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}
