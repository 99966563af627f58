import { readFileSync } from "node:fs";
import { isConfigError } from "@oath-ws/contract";
import { describe, expect, it } from "vitest";
import { build } from "../src/index.js";

const PAGE = read("../../../docs/howto/migrate-0.1-to-0.2.md");

/** The modules that the page names, by the source that lists what they export. */
const MODULES: Readonly<Record<string, string>> = {
  "oath-ws": "../src/index.ts",
  "oath-ws/leaf": "../src/leaf.ts",
  "@oath-ws/contract": "../../contract/src/index.ts",
  "@oath-ws/resilience": "../../resilience/src/index.ts",
  "@oath-ws/resilience/leaf": "../../resilience/src/leaf.ts",
  "@oath-ws/web": "../../web/src/index.ts",
};

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

/** Every name that a module exports, types included. */
function exportsOf(module: string): ReadonlySet<string> {
  const source = read(MODULES[module] ?? expect.fail(`the page names ${module}`));
  const lists = [...source.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].map(([, list]) => list);
  const declared = [...source.matchAll(/^export (?:const|class|function|interface|type) (\w+)/gm)];
  const listed = lists.flatMap((list) => (list ?? "").split(",").map((name) => name.trim()));
  return new Set([...listed, ...declared.map(([, name]) => name ?? "")]);
}

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");
}

/** The rows of every table whose head matches, as lists of cells. */
function rows(head: RegExp): string[][] {
  const lines = PAGE.split("\n");
  return lines.flatMap((line, i) => {
    if (!head.test(line)) return [];
    const end = lines.findIndex((other, j) => j > i && !other.startsWith("|"));
    return lines.slice(i + 2, end).map((row) => row.split(" | ").map((cell) => cell));
  });
}

describe("the migration page", () => {
  it.each(["oath-ws", "@oath-ws/resilience"])("says where each name of %s moved", (from) => {
    const old = exportsOf(from);
    const moved = rows(new RegExp(`^\\| from \`${from}\` in 0\\.1 \\|`));
    expect(moved.length).toBeGreaterThan(1);
    for (const [names = "", where = ""] of moved) {
      const [module = ""] = quoted(where);
      const found = exportsOf(module);
      for (const name of quoted(names)) {
        expect([name, old.has(name), found.has(name)]).toEqual([name, false, true]);
      }
    }
  });

  it("names what is there instead of what is gone", () => {
    const gone = rows(/^\| gone \| instead \|/);
    expect(gone.length).toBeGreaterThan(3);
    for (const [names = "", instead = ""] of gone) {
      const [name = "", module = ""] = quoted(instead);
      expect([name, exportsOf(module).has(name)]).toEqual([name, true]);
      for (const old of quoted(names))
        for (const each of Object.keys(MODULES))
          expect([old, each, exportsOf(each).has(old)]).toEqual([old, each, false]);
    }
  });

  it("names seams and channels that exist", () => {
    const leaf = exportsOf("oath-ws/leaf");
    for (const name of ["nodeNewId", "nodeBind"])
      expect([PAGE.includes(`\`${name}\``), leaf.has(name)]).toEqual([true, true]);
    expect(exportsOf("@oath-ws/web").has("webNewId")).toBe(true);
    expect(exportsOf("oath-ws").has("CONNECTION_CHANNEL")).toBe(true);
  });

  it.each([
    [{ leaf: "direct" }, "leaf", "transport"],
    [{ leaf: "ws" }, "leaf", "transport"],
    [{ ws: { agent: undefined, lookup: () => undefined } }, "ws", "socket"],
    [{ ws: { localAddress: "::1" } }, "ws", "socket"],
    [{ ws: { perMessageDeflate: true } }, "ws", "socket"],
    [{ ws: { skipUTF8Validation: true } }, "ws", "socket"],
  ])("is borne out: %o is refused with the new name", (options, path, now) => {
    const issues = issuesOf(options);
    expect(issues.length).toBeGreaterThan(0);
    for (const issue of issues) {
      expect(issue.path.split(".")[0]).toBe(path);
      expect(issue.message).toContain(now);
    }
  });
});

function issuesOf(options: object): readonly { readonly path: string; readonly message: string }[] {
  try {
    build(options);
  } catch (error) {
    if (isConfigError(error)) return error.issues;
  }
  return [];
}
