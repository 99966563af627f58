import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startServer } from "./support.js";

const root = (path: string): string =>
  fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

describe("the README's first example", () => {
  const code = readFileSync(root("examples/quickstart.ts"), "utf8");

  it("is the example file, in at most 25 lines", () => {
    const [block] =
      /(?<=```ts\n)[\s\S]*?(?=```)/.exec(readFileSync(root("README.md"), "utf8")) ?? [];
    expect(block).toBe(code);
    expect(code.trim().split("\n").length).toBeLessThanOrEqual(25);
  });

  it("runs, tells of the break, and exits by itself", async () => {
    await using server = await startServer();
    server.server.on("connection", (socket) => {
      if (server.sockets.length === 1) {
        socket.send("hello");
        socket.close(1001, "deploy");
      } else {
        socket.send("bye");
      }
    });
    const child = spawn(process.execPath, [root("examples/dist/quickstart.js"), server.url]);
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (out += text));
    const [exitCode] = (await once(child, "close")) as [number];
    expect(out).toMatch(/^epoch 1, seq 1: hello$/m);
    expect(out).toMatch(/^reconnecting: epoch 1, lagged 0, last fault PEER_CLOSED$/m);
    expect(out).toMatch(/^epoch 2, seq 2: bye$/m);
    expect(out).toMatch(/^fresh enough to trade on\? true$/m);
    expect(out).toMatch(/^closed: epoch 2/m);
    expect(exitCode).toBe(0);
  });
});
