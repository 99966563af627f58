import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { compareSurfaces, writeSurfaces } from "../src/api/snapshots.js";
import { readSurfaces } from "../src/api/surface.js";

const root = join(import.meta.dirname, "../../..");
const snapshots = join(root, "internal/packages/api");
const surfaces = readSurfaces(root);

function copyOfSnapshots(): string {
  const folder = mkdtempSync(join(tmpdir(), "oath-ws-api-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(snapshots, folder, { recursive: true });
  return folder;
}

describe("the public declarations", () => {
  it("are those of the snapshots: `npm run build && npm run api -- --write` renews them", () => {
    expect(compareSurfaces(snapshots, surfaces)).toEqual([]);
  });

  it("list every entry, class members without comments, and what is only referred to", () => {
    const node = surfaces.find(({ folder }) => folder === "node")?.text ?? "";
    expect(node).toContain("# oath-ws/websocket");
    expect(node).toContain("export interface BuildOptions {");
    expect(node).toContain("WsError: declared by another package");
    expect(node).toMatch(/# not exported, but referred to[^]*type SocketBinaryData/);
    expect(node).not.toContain("/**");
  });

  it("differ when a member, an entry or a package changes, with the lines that do", () => {
    const folder = copyOfSnapshots();
    const file = join(folder, "contract.api.txt");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, before.replace("readonly epoch: number;", "readonly epoch: string;"));
    rmSync(join(folder, "web.api.txt"));
    writeFileSync(join(folder, "gone.api.txt"), "# @oath-ws/gone\n");
    const differences = compareSurfaces(folder, surfaces);
    expect(differences.map(({ name }) => name)).toEqual([
      "contract.api.txt",
      "web.api.txt",
      "gone.api.txt",
    ]);
    expect(differences[0]?.lines).toEqual([
      "-     readonly epoch: string;",
      "+     readonly epoch: number;",
    ]);
    writeSurfaces(folder, surfaces);
    expect(compareSurfaces(folder, surfaces)).toEqual([]);
  });
});
