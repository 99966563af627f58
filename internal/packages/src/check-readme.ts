import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { give } from "./project.js";
import { mustRun } from "./run.js";

interface Peer {
  send(text: string): void;
}

interface Server {
  on(event: "connection", listener: (peer: Peer) => void): void;
}

/**
 * Compiles the examples of the README and of `docs/start` in the project, and runs the latter,
 * which ends by itself, against a server of the `ws` that came with the tarballs.
 */
export async function checkReadme(root: string, project: string, tsc: string): Promise<void> {
  const files = ["quickstart.ts", "readme.ts"];
  for (const file of files) give(project, join(root, "examples", file), file);
  const flags = ["--module", "nodenext", "--target", "es2023", "--types", "node", "--strict"];
  mustRun(process.execPath, [tsc, ...files, ...flags], project);
  const http = createServer().listen(0, "127.0.0.1");
  await once(http, "listening");
  try {
    const { WebSocketServer } = createRequire(join(project, "package.json"))("ws") as {
      readonly WebSocketServer: new (options: { readonly server: unknown }) => Server;
    };
    new WebSocketServer({ server: http }).on("connection", (peer) => {
      peer.send("hello");
      peer.send("bye");
    });
    const { port } = http.address() as AddressInfo;
    const child = spawn(process.execPath, ["quickstart.js", `ws://127.0.0.1:${port}/`], {
      cwd: project,
      timeout: 60_000,
    });
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "exit") as Promise<[number | null]>,
    ]);
    if (code !== 0 || !out.includes("seq 1: hello"))
      throw new Error(`the first example ended with ${String(code)}\n${out}${err}`);
  } finally {
    http.closeAllConnections();
    http.close();
  }
}
