import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { API, SymbolFlags } from "typescript/unstable/sync";
import type { Project, Symbol as Declared } from "typescript/unstable/sync";
import type { Node } from "typescript/unstable/ast";
import { isIdentifier, isVariableDeclaration } from "typescript/unstable/ast/is";

/** The public declarations of one package, as text that a person can compare. */
export interface Surface {
  /** The folder below `packages`. */
  readonly folder: string;
  readonly text: string;
}

/** What the `exports` of a manifest can be here. */
interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

/**
 * Reads the built declarations of every package. Each entry of a package is listed with what it
 * exports, sorted by name and without comments; what another package declares is named only. At the
 * end stand the declarations that are not exported, and that an exported one refers to: a change to
 * one of those changes the API too.
 *
 * @param root the folder of the repository, which has to be built
 */
export function readSurfaces(root: string): readonly Surface[] {
  const config = join(root, "internal/packages/api/tsconfig.json");
  const api = new API({ cwd: root });
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error(`the compiler did not open ${config}`);
    return readdirSync(join(root, "packages")).map((folder) => ({
      folder,
      text: readSurface(project, join(root, "packages", folder)),
    }));
  } finally {
    api.close();
  }
}

function readSurface(project: Project, folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const listed = new Map<number, Declared>();
  const parts: string[] = [];
  for (const [entry, target] of Object.entries(manifest.exports)) {
    if (typeof target === "string") continue;
    parts.push(`# ${manifest.name}${entry.slice(1)}`);
    for (const [name, symbol] of exportsOf(project, join(folder, target.types))) {
      const own = declarationsIn(project, symbol, folder);
      if (own.length === 0) parts.push(`${name}: declared by another package`);
      else if (listed.has(symbol.id)) parts.push(`${name}: as above`);
      else parts.push(...own.map((node) => textOf(node)));
      listed.set(symbol.id, symbol);
    }
  }
  const hidden = referredTo(project, folder, [...listed.values()]);
  if (hidden.length > 0) parts.push("# not exported, but referred to", ...hidden);
  return `${parts.join("\n\n")}\n`;
}

/** The names that a module exports, sorted, each with the symbol that it stands for. */
function exportsOf(project: Project, file: string): readonly (readonly [string, Declared])[] {
  const source = project.program.getSourceFile(file);
  const module = source === undefined ? undefined : project.checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} is missing: build first`);
  return project.checker
    .getExportsOfModule(module)
    .map((symbol) => [symbol.name, resolved(project, symbol)] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/** The symbol behind an import or a re-export. */
function resolved(project: Project, symbol: Declared): Declared {
  return (symbol.flags & SymbolFlags.Alias) === 0
    ? symbol
    : project.checker.getAliasedSymbol(symbol);
}

/** The declarations of a symbol that are in a folder's build. */
function declarationsIn(project: Project, symbol: Declared, folder: string): readonly Node[] {
  // The compiler's paths have slashes, and are in lower case where the file system ignores case.
  const build = `${folder.replaceAll("\\", "/")}/dist/`.toLowerCase();
  const nodes: Node[] = [];
  for (const declaration of symbol.declarations) {
    if (!declaration.path.toLowerCase().startsWith(build)) continue;
    const node = declaration.resolve(project);
    if (node !== undefined) nodes.push(node);
  }
  return nodes;
}

/** The texts of the package's own declarations that others refer to, and that are not listed. */
function referredTo(
  project: Project,
  folder: string,
  listed: readonly Declared[],
): readonly string[] {
  const seen = new Set(listed.map(({ id }) => id));
  const waiting = [...listed];
  const texts: string[] = [];
  for (let symbol = waiting.pop(); symbol !== undefined; symbol = waiting.pop()) {
    for (const node of declarationsIn(project, symbol, folder)) {
      const names = identifiersIn(node);
      for (const found of project.checker.getSymbolAtLocation(names)) {
        if (found === undefined) continue;
        const target = resolved(project, found);
        if (seen.has(target.id)) continue;
        seen.add(target.id);
        const own = declarationsIn(project, target, folder).filter(isAtTopLevel);
        if (own.length === 0) continue;
        texts.push(...own.map((declared) => textOf(declared)));
        waiting.push(target);
      }
    }
  }
  return texts.sort();
}

function identifiersIn(node: Node): readonly Node[] {
  const found: Node[] = [];
  const visit = (child: Node): undefined => {
    if (isIdentifier(child)) found.push(child);
    child.forEachChild(visit);
  };
  visit(node);
  return found;
}

/** A member or a parameter is part of the declaration that it stands in. */
function isAtTopLevel(node: Node): boolean {
  // A variable stands in a list, and that list in a statement.
  const statement = isVariableDeclaration(node) ? node.parent.parent : node;
  return statement.parent === node.getSourceFile();
}

/** The declaration without comments and blank lines. */
function textOf(node: Node): string {
  return node
    .getText()
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/^\s*\n/gm, "")
    .trim();
}
