import { createRequire } from "node:module";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build as vite } from "vite";
import { run } from "./run.js";

/**
 * What a bundle of one function may weigh, minified and gzipped, in bytes: measured, and rounded
 * up. They should fall. `openWeb` rose by 1.1 kB for the surroundings of a page, the probe and the
 * diagnostics, `open` by 2.1 kB for texts as strings, lent frames, streams and networks of the
 * caller, and then by 2.9 kB for an upgrade of our own beside that of Node's client, which agents
 * need, and for reads into a payload's own memory. `openWeb` rose by 0.6 kB for objects that are
 * made on first use, which save an idle connection 3.9 kB of heap, and both by 0.3 kB for a send
 * limit that counts what the system took.
 */
export const BUDGET = { open: 68_200, openWeb: 35_500 } as const;

/** As far as it is used here. */
interface Esbuild {
  readonly build: (options: Readonly<Record<string, unknown>>) => Promise<unknown>;
}

interface Bundle {
  readonly name: keyof typeof BUDGET;
  readonly bytes: number;
}

/**
 * Bundles the two front doors with esbuild and vite, for Node and for browsers, and runs what came
 * out. Returns the faults, and what the functions weigh.
 */
export async function checkBundles(
  project: string,
  tools: string,
): Promise<{ readonly faults: readonly string[]; readonly sizes: readonly Bundle[] }> {
  const { build: esbuild } = createRequire(join(tools, "package.json"))("esbuild") as Esbuild;
  const faults: string[] = [];
  const sizes: Bundle[] = [];
  const entry = (name: string, source: string): string => {
    writeFileSync(join(project, name), source);
    return join(project, name);
  };
  const node = entry("node.js", `import { open } from "oath-ws";\nconsole.log(typeof open);\n`);
  const web = entry(
    "web.js",
    `import { openWeb } from "@oath-ws/web";\nconsole.log(typeof openWeb);\n`,
  );
  const runs = (what: string, file: string, code: number, part: string): void => {
    const ran = run(process.execPath, [file], project);
    if (ran.code !== code || !(ran.out + ran.err).includes(part))
      faults.push(`${what}: exit ${ran.code}\n${ran.out}${ran.err}`);
  };
  for (const minify of [false, true]) {
    const out = join(project, `out-${minify ? "min" : "plain"}`);
    mkdirSync(out, { recursive: true });
    const shared = { bundle: true, format: "esm", minify, logLevel: "silent" } as const;
    const nodeFile = join(out, "node.mjs");
    await esbuild({ ...shared, entryPoints: [node], outfile: nodeFile, platform: "node" });
    runs(`esbuild for Node, minify ${minify}`, nodeFile, 0, "function");
    const webFile = join(out, "web.mjs");
    await esbuild({ ...shared, entryPoints: [web], outfile: webFile, platform: "browser" });
    runs(`esbuild for browsers, minify ${minify}`, webFile, 0, "function");
    // A program that takes the wrong package is told so.
    const wrong = join(out, "wrong.mjs");
    await esbuild({ ...shared, entryPoints: [node], outfile: wrong, platform: "browser" });
    runs("oath-ws in a browser", wrong, 1, "use openWeb of @oath-ws/web there");
    if (minify)
      sizes.push(
        { name: "open", bytes: weigh(nodeFile) },
        { name: "openWeb", bytes: weigh(webFile) },
      );
  }
  for (const { name, bytes } of sizes)
    if (bytes > BUDGET[name])
      faults.push(`${name} weighs ${bytes} bytes, more than ${BUDGET[name]}`);
  for (const [what, file, ssr, code, part] of [
    ["vite for Node", node, true, 0, "function"],
    ["vite for browsers", web, false, 0, "function"],
    ["vite with oath-ws in a browser", node, false, 1, "use openWeb of @oath-ws/web there"],
  ] as const) {
    const outDir = join(project, `out-vite-${what.replaceAll(" ", "-")}`);
    await vite({
      root: project,
      logLevel: "silent",
      configFile: false,
      ssr: { noExternal: true },
      build: {
        ssr,
        outDir,
        minify: false,
        rollupOptions: { input: file, output: { entryFileNames: "out.mjs", format: "es" } },
      },
    });
    runs(what, join(outDir, "out.mjs"), code, part);
  }
  return { faults, sizes };
}

function weigh(file: string): number {
  return gzipSync(readFileSync(file), { level: 9 }).length;
}
