import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

interface Answer {
  readonly code: number | null;
  readonly text: string;
}

/** Runs it with Node, from the root of the repository. */
function node(...args: readonly string[]): Promise<Answer> {
  const child = spawn(process.execPath, args, { cwd: ROOT });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, text }));
  });
}

const planted = (...args: readonly string[]): Promise<Answer> =>
  node("internal/mutation/planted/run.js", ...args);

describe("the planted faults", () => {
  it("can all be planted in the sources as they are", async () => {
    expect(await planted("--check")).toEqual({ code: 0, text: "" });
  });

  it("leave nothing behind, also when several are in one file", async () => {
    const { code, text: told } = await node(
      "--input-type=module",
      "--eval",
      `import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
       import { tmpdir } from "node:os";
       import { join } from "node:path";
       import { plant } from "./internal/mutation/planted/copy.js";
       const folder = mkdtempSync(join(tmpdir(), "oath-ws-plant-"));
       const file = "some.ts";
       writeFileSync(join(folder, file), "one two");
       const changes = [{ file, find: "one", put: "1" }, { file, find: "two", put: "2" }];
       const takeOut = plant(folder, changes);
       const planted = readFileSync(join(folder, file), "utf8");
       takeOut();
       console.log(planted + "; " + readFileSync(join(folder, file), "utf8"));
       rmSync(folder, { recursive: true });`,
    );
    expect([code, told]).toEqual([0, "1 2; one two\n"]);
  });

  it.each(["{}", '{ a: "fix" }'])("are told when their place is gone (%s)", async (text) => {
    const { code, text: told } = await node(
      "--input-type=module",
      "--eval",
      `import { replaced } from "./internal/mutation/planted/copy.js";
       replaced(${JSON.stringify(text + text)}, ${JSON.stringify(text)}, "", "some/file.ts");`,
    );
    expect(code).toBe(1);
    expect(told).toContain("stands 2 times in some/file.ts, not once");
  });

  it("are found, two of them, and a name that is not known is refused", async () => {
    const found = await planted("--only", "lost-wake-up,send-sent-twice", "--seeds", "30");
    expect(found.text).toMatch(/^lost-wake-up, client: seed \d+: a reader that waits is woken/m);
    expect(found.text).toMatch(/^send-sent-twice, client: seed \d+: a send leaves at most once/m);
    expect(found.code).toBe(0);
    expect(await planted("--only", "no-such-fault")).toMatchObject({ code: 2 });
  }, 120_000);
});
