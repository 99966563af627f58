import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startServer } from "./support.js";

const root = (path: string): string =>
  fileURLToPath(new URL(`../../../../${path}`, import.meta.url));

/** The first block of TypeScript on a page. */
function firstBlockOf(page: string): string | undefined {
  return /(?<=```ts\n)[\s\S]*?(?=```)/.exec(readFileSync(root(page), "utf8"))?.[0];
}

describe("the README's example", () => {
  const code = readFileSync(root("examples/readme.ts"), "utf8");

  it("is the example file, in four lines", () => {
    expect(firstBlockOf("README.md")).toBe(code);
    expect(code.split("\n").filter((line) => line !== "")).toHaveLength(4);
  });

  it("runs, and tells of the break and of every frame", async () => {
    await using server = await startServer();
    server.server.on("connection", (socket) => {
      const isFirst = server.sockets.length === 1;
      socket.send(isFirst ? "hello" : "again");
      if (isFirst) socket.close(1001, "deploy");
    });
    const child = spawn(process.execPath, [root("examples/dist/readme.js"), server.url]);
    let out = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (out += text));
    for await (const text of child.stdout.setEncoding("utf8")) {
      out += String(text);
      if (out.includes("again")) child.kill();
    }
    expect(out).toMatch(/^1 1 hello$/m);
    expect(out).toMatch(/^reconnecting$/m);
    expect(out).toMatch(/^2 2 again$/m);
  });
});

describe("the first example of docs/start", () => {
  const code = readFileSync(root("examples/quickstart.ts"), "utf8");

  it("is the example file, in at most 25 lines", () => {
    expect(firstBlockOf("docs/start/README.md")).toBe(code);
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
