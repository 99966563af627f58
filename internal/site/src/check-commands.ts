import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Block } from "./blocks.js";

/** What a command line can name. */
export interface Known {
  /** The folder of the repository. */
  readonly root: string;
  /** The scripts of the root's manifest. */
  readonly scripts: readonly string[];
  /** The verbs of the command `oath-ws`. */
  readonly verbs: readonly string[];
  /** The packages that are published, or that a page may tell to install. */
  readonly packages: readonly string[];
}

/** Programs of the system that pages may use. */
const SYSTEM = new Set(["cd", "mkdir", "curl", "git", "sudo", "openssl", "nats-server"]);

const NPM = new Set(["ci", "install", "start", "test", "pack", "init", "pkg", "stage"]);

/** Packages that a reader may install beside ours. */
const BESIDE = ["typescript", "@types/node"];

/**
 * Checks that every command of a block exists: a script, a verb of `oath-ws`, a package, a file, or
 * a program of the system. Returns a sentence for each that does not.
 */
export function commandFaults(blocks: readonly Block[], known: Known): readonly string[] {
  return blocks.flatMap(({ page, line, code }) =>
    code
      .replaceAll(/\\\n\s*/g, " ")
      .split("\n")
      .flatMap((text, index) =>
        commandsOf(text)
          .filter((words) => !exists(words, known))
          .map((words) => `${page}:${line + index}: there is no command "${words.join(" ")}"`),
      ),
  );
}

/** The commands of a line, as words, without comments, prompts and variables in front. */
function commandsOf(line: string): readonly (readonly string[])[] {
  return line
    .replace(/(^|\s)#.*$/, "")
    .split(/&&|\|\||\||;/)
    .map((part) => part.trim().split(/\s+/).filter(Boolean))
    .map((words) => {
      const first = words.findIndex((word) => !/^([A-Z_]+=\S*|\$)$/.test(word));
      return first === -1 ? [] : words.slice(first);
    })
    .filter((words) => words.length > 0);
}

function exists(words: readonly string[], known: Known): boolean {
  const [program = "", first = "", second = ""] = words;
  switch (program) {
    case "npm":
      if (first === "run") return known.scripts.includes(second);
      if (first === "install") return packagesExist(words.slice(2), known);
      return NPM.has(first);
    case "npx":
      if (first === "oath-ws" || first === "@oath-ws/cli") return isVerb(second, known);
      return existsSync(join(known.root, "node_modules/.bin", first));
    case "node":
      if (first === "--import") return isExported(second, known);
      return words.slice(1).some((word) => isProgram(word, known));
    case "sudo":
      return exists(words.slice(1), known);
    default:
      return SYSTEM.has(program) || existsSync(join(known.root, program));
  }
}

/** Whether a path is a file of the repository, or what a reader makes of an example. */
function isProgram(path: string, { root }: Known): boolean {
  const source = join("examples", path.replace(/\.js$/, ".ts"));
  return existsSync(join(root, path)) || (path.endsWith(".js") && existsSync(join(root, source)));
}

function isVerb(word: string, { verbs }: Known): boolean {
  return word === "--help" || word === "--version" || verbs.includes(word);
}

/** Whether a package of the repository has this entry: `@oath-ws/cli/dash`. */
function isExported(specifier: string, { root }: Known): boolean {
  const [, name = "", path = ""] = /^((?:@[^/]+\/)?[^/]+)(\/.+)?$/.exec(specifier) ?? [];
  const manifest = join(root, "node_modules", name, "package.json");
  if (name === "" || !existsSync(manifest)) return false;
  const { exports = {} } = JSON.parse(readFileSync(manifest, "utf8")) as {
    readonly exports?: Readonly<Record<string, unknown>>;
  };
  return Object.hasOwn(exports, `.${path}`);
}

function packagesExist(words: readonly string[], { packages }: Known): boolean {
  return words
    .filter((word) => !word.startsWith("-"))
    .every((word) => [...packages, ...BESIDE].includes(word.replace(/(?<=.)@.*$/, "")));
}
