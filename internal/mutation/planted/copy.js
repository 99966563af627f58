// A copy of the sources that the simulations are built from. Faults are planted there alone.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { lstatSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const SIMULATE = join("internal", "simulate");
const COPIED = new Set(["src", "dist", "package.json", "tsconfig.json", "web-objects.d.ts"]);

/** Copies what is built, and links what is installed. Returns the folder of the copy. */
export function copySources(root) {
  const copy = mkdtempSync(join(tmpdir(), "oath-ws-planted-"));
  cpSync(join(root, "tsconfig.base.json"), join(copy, "tsconfig.base.json"));
  for (const folder of workspaces(root)) {
    for (const name of readdirSync(join(root, folder)))
      if (COPIED.has(name))
        cpSync(join(root, folder, name), join(copy, folder, name), {
          recursive: true,
          preserveTimestamps: true,
        });
  }
  linkModules(root, copy);
  return copy;
}

/** Puts a fault into the copy. Returns what takes it out again. */
export function plant(copy, changes) {
  const undos = changes.map(({ file, find, put }) => {
    const path = join(copy, file);
    const before = readFileSync(path, "utf8");
    writeFileSync(path, replaced(before, find, put, file));
    return () => writeFileSync(path, before);
  });
  return () => {
    // The last change first: several may be in one file.
    for (const undo of undos.toReversed()) undo();
  };
}

/** Throws an Error that names the file unless `find` stands there exactly once. */
export function replaced(text, find, put, file) {
  const places = text.split(find).length - 1;
  if (places !== 1)
    throw new Error(
      `the text to be replaced stands ${places} times in ${file}, not once:\n${find}`,
    );
  return text.replace(find, () => put);
}

/** Builds the simulations of the copy. Throws an Error with what the compiler said. */
export function build(root, copy) {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const args = [tsc, "-b", SIMULATE];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: copy,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the planted fault does not compile:\n${stdout}${stderr}`);
}

export function removeCopy(copy) {
  rmSync(copy, { recursive: true, force: true });
}

function workspaces(root) {
  const packages = readdirSync(join(root, "packages")).map((name) => join("packages", name));
  return [...packages, SIMULATE].filter((folder) =>
    existsSync(join(root, folder, "tsconfig.json")),
  );
}

/** Links that lead into the workspace lead into the copy instead. */
function linkModules(root, copy) {
  const at = join(root, "node_modules");
  for (const name of readdirSync(at)) {
    if (name.startsWith(".")) continue;
    const names = name.startsWith("@")
      ? readdirSync(join(at, name)).map((n) => join(name, n))
      : [name];
    for (const one of names) {
      const target = realpathSync(join(at, one));
      const isOurs = lstatSync(join(at, one)).isSymbolicLink();
      const link = join(copy, "node_modules", one);
      mkdirSync(join(link, ".."), { recursive: true });
      symlinkSync(isOurs ? join(copy, relative(realpathSync(root), target)) : target, link);
    }
  }
}
