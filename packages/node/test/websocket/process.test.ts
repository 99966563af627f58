import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startServer } from "./support/server.js";

const BUILT = new URL("../../dist/websocket/index.js", import.meta.url).href;

/**
 * Runs a program in a process of its own, which has to end by itself. It sees `socket`, connected
 * to `url`.
 */
async function run(
  url: string,
  program: string,
): Promise<{ code: number | null; out: string; err: string }> {
  const source = `
    import { ReconnectingWebSocket } from ${JSON.stringify(BUILT)};
    process.on("unhandledRejection", (error) => {
      console.log("unhandled", error);
      process.exitCode = 9;
    });
    const config = { backoff: { minMs: 1, maxMs: 5 } };
    const socket = new ReconnectingWebSocket(${JSON.stringify(url)}, undefined, { config });
    ${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await exited, out: out.trim(), err };
}

describe("a process", () => {
  it("ends after close(), and not before", async () => {
    const server = await startServer();
    void server.socket(0).then((peer) => peer.send("hello"));
    const ended = await run(
      server.url,
      `socket.onmessage = ({ data }) => socket.close();
       socket.onclose = ({ code }) => console.log("closed", code);`,
    );
    expect(ended).toMatchObject({ code: 0, out: "closed 1005" });
  });

  it("ends after close() in the middle of an outage", async () => {
    const ended = await run(
      "ws://127.0.0.1:1/",
      `socket.addEventListener("error", () => socket.close(), { once: true });
       socket.onclose = ({ code }) => console.log("closed", code);`,
    );
    expect(ended).toMatchObject({ code: 0, out: "closed 1006" });
  });

  it("ends when the socket is closed before anything happened", async () => {
    const ended = await run(
      "ws://127.0.0.1:1/",
      `socket.onclose = () => console.log("closed"); socket.close();`,
    );
    expect(ended).toMatchObject({ code: 0, out: "closed" });
  });

  it("ends when the socket has given up", async () => {
    const server = await startServer();
    server.refuse(401, 401, 401, 401);
    const ended = await run(
      server.url,
      `socket.onclose = ({ cause }) => console.log(cause.status);`,
    );
    expect(ended).toMatchObject({ code: 0, out: "401" });
  });

  it("hears of a listener that throws, and the connection and the other listeners go on", async () => {
    const server = await startServer();
    void server.socket(0).then((peer) => {
      peer.send("1");
      peer.send("2");
    });
    const ended = await run(
      server.url,
      `process.on("uncaughtException", ({ message }) => console.log("uncaught", message));
       socket.onmessage = ({ data }) => { throw new Error(data); };
       socket.addEventListener("message", ({ data }) => {
         console.log("message", data);
         if (data === "2") setImmediate(() => socket.close());
       });`,
    );
    expect(ended.code).toBe(0);
    expect(ended.out.split("\n").toSorted()).toEqual([
      "message 1",
      "message 2",
      "uncaught 1",
      "uncaught 2",
    ]);
  });

  it("dies of a listener that throws without a handler, as of any other exception", async () => {
    const server = await startServer();
    const ended = await run(
      server.url,
      `socket.onopen = () => { throw new Error("a listener's own fault"); };`,
    );
    expect(ended.code).toBe(1);
    expect(ended.err).toContain("a listener's own fault");
  });
});
