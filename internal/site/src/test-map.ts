import { posix } from "node:path";
import { textOf, tracked } from "./repository.js";

/** A test file, and by how many imports in a row it reaches a source file. */
export interface Reach {
  readonly test: string;
  readonly steps: number;
}

/** Files by their path in the repository. */
export type Texts = ReadonlyMap<string, string>;

/** Sources, pages of the dashboard and tests, as they are in the repository. */
export function codeOf(): Texts {
  const files = tracked("packages/**/*.ts", "internal/**/*.ts", "examples/**/*.ts");
  return new Map(files.map((file) => [file, textOf(file)]));
}

/**
 * Which test files reach each source file of the packages, nearest first. An import of a name from
 * an index leads to the file that the index has it from. Types alone reach nothing: what is run
 * counts. Workers that a file starts by their address count as imports.
 *
 * @param entries the index file of each entry of the packages, such as `@oath-ws/contract`
 */
export function testMap(
  texts: Texts,
  entries: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly Reach[]> {
  const imports = new Map<string, ReadonlySet<string>>();
  const importsOf = (file: string): ReadonlySet<string> => {
    let found = imports.get(file);
    if (found === undefined) imports.set(file, (found = readImports(file, texts, entries)));
    return found;
  };
  const map = new Map<string, Reach[]>();
  for (const file of texts.keys()) if (isSource(file)) map.set(file, []);
  for (const test of texts.keys()) {
    if (!test.endsWith(".test.ts")) continue;
    const seen = new Set([test]);
    let front = [test];
    for (let steps = 1; front.length > 0; steps++) {
      const next: string[] = [];
      for (const file of front)
        for (const target of importsOf(file)) {
          if (seen.has(target)) continue;
          seen.add(target);
          next.push(target);
          map.get(target)?.push({ test, steps });
        }
      front = next;
    }
  }
  for (const reaches of map.values())
    reaches.sort((one, other) => one.steps - other.steps || (one.test < other.test ? -1 : 1));
  return map;
}

/** The index file of each entry of the packages, by the name under which it is imported. */
export function entriesOf(): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  for (const file of tracked("packages/*/package.json")) {
    const { name, exports = {} } = JSON.parse(textOf(file)) as {
      readonly name: string;
      readonly exports?: Readonly<Record<string, string | { readonly types?: string }>>;
    };
    for (const [entry, target] of Object.entries(exports)) {
      const types = typeof target === "string" ? target : target.types;
      const source = types?.replace("./dist/", "src/").replace(/\.d\.ts$|\.js$/, ".ts");
      if (source?.endsWith(".ts") !== true) continue;
      entries.set(posix.join(name, entry), posix.join(posix.dirname(file), source));
    }
  }
  return entries;
}

/** Whether a file declares anything to run. One of types, or an index, is for the compiler. */
export function hasCode(text: string): boolean {
  return /^(?:export )?(?:default )?(?:abstract |async )*(?:const|let|function\*?|class)\b/m.test(
    text,
  );
}

function isSource(file: string): boolean {
  return /^packages\/[^/]+\/(src|page\/src)\//.test(file);
}

/** Imports and exports that are not of types alone, dynamic imports, and addresses of workers. */
const STATEMENT = new RegExp(
  [
    /^(?:import|export)\s+(?!type\b)(?:(\*|[^"';]*?)\s*from\s*)?"([^"]+)"/,
    /import\("([^"]+)"\)/,
    /new URL\("(\.[^"]+)"/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gm",
);

function readImports(
  file: string,
  texts: Texts,
  entries: ReadonlyMap<string, string>,
): Set<string> {
  const found = new Set<string>();
  for (const [, names, ...targets] of (texts.get(file) ?? "").matchAll(STATEMENT)) {
    const name = targets.find((target) => target !== undefined) ?? "";
    const target = resolve(file, name, texts, entries);
    if (target === undefined) continue;
    const wanted = valuesOf(names);
    if (wanted.length === 0) found.add(target);
    for (const value of wanted) found.add(originOf(value, target, texts, entries));
  }
  return found;
}

/** The names in braces that are no types. */
function valuesOf(names: string | undefined): readonly string[] {
  const [, list = ""] = /\{([^}]*)\}/.exec(names ?? "") ?? [];
  return list
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "" && !part.startsWith("type "))
    .map((part) => part.split(" ")[0] ?? part);
}

/** The file that a name comes from, through indices that hand it on. */
function originOf(
  name: string,
  file: string,
  texts: Texts,
  entries: ReadonlyMap<string, string>,
): string {
  for (const [, names, target = ""] of (texts.get(file) ?? "").matchAll(
    /^export\s+(\*|\{[^}]*\})\s*from\s*"([^"]+)"/gm,
  )) {
    const next = resolve(file, target, texts, entries);
    if (next === undefined) continue;
    const isHere = new RegExp(`[{,\\s](?:\\w+ as )?${name}\\s*[,}]`).test(names ?? "");
    if (isHere) return originOf(name, next, texts, entries);
    if (names !== "*") continue;
    const origin = originOf(name, next, texts, entries);
    if (new RegExp(`^export .*\\b${name}\\b`, "m").test(texts.get(origin) ?? "")) return origin;
  }
  return file;
}

function resolve(
  from: string,
  name: string,
  texts: Texts,
  entries: ReadonlyMap<string, string>,
): string | undefined {
  if (!name.startsWith(".")) return entries.get(name);
  const path = posix.join(posix.dirname(from), name).replace(/\.js$/, ".ts");
  return texts.has(path) ? path : undefined;
}
