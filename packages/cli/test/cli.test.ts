import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";
import { describe, expect, it } from "vitest";

// The command is run as a user runs it: the build, in a process of its own.
const BIN = fileURLToPath(new URL("../bin/oath-ws.js", import.meta.url));

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = (async (): Promise<Run> => {
    const [code] = (await once(child, "close")) as [number | null];
    return { code, out, err };
  })();
  return { child, ended };
}

function run(...args: readonly string[]): Promise<Run> {
  return start(...args).ended;
}

async function echoServer() {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  return {
    server,
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.dispose]: () => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

function records(out: string): Record<string, unknown>[] {
  return out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("bad input gets one line and a non-zero exit code", () => {
  it.each([
    [[], 2, /no command/],
    [["frobnicate"], 2, /unknown command "frobnicate"/],
    [["tail"], 2, /usage: oath-ws tail/],
    [["tail", "ws://127.0.0.1:1", "--nope"], 2, /Unknown option '--nope'/],
    [["tail", "ws://127.0.0.1:1", "--for", "soon"], 2, /--for takes a duration/],
    [["tail", "ws://127.0.0.1:1", "--header", "secret"], 2, /--header takes NAME:VALUE/],
    [["tail", "http://127.0.0.1:1"], 2, /scheme is "http:"/],
    [["tail", "ws://127.0.0.1:1"], 1, /ECONNREFUSED/],
    [["demo", "--for", "-3s"], 2, /--for/],
  ] as const)("%j", async (args, code, message) => {
    const result = await run(...args);
    expect(result).toMatchObject({ code, out: "" });
    expect(result.err).toMatch(message);
    expect(result.err.trim().split("\n")).toHaveLength(1);
    expect(result.err).not.toContain("secret");
  });
});

describe("tail", () => {
  it("sends --send in every epoch, sets headers, prints frames, and sums up on SIGINT", async () => {
    using peer = await echoServer();
    const { child, ended } = start("tail", peer.url, "--send", "subscribe", "--header", "x-key: abc", "--json");
    for (const epoch of [1, 2]) {
      const [socket, request] = (await once(peer.server, "connection")) as [WebSocket, { headers: object }];
      expect(request.headers).toMatchObject({ "x-key": "abc" });
      expect(String((await once(socket, "message"))[0])).toBe("subscribe");
      socket.send(`data ${epoch}`);
      // The answer to a ping that follows the data: the client has it.
      socket.ping();
      await once(socket, "pong");
      if (epoch === 1) socket.terminate();
      else child.kill("SIGINT");
    }
    const { code, out, err } = await ended;
    expect([code, err]).toEqual([0, ""]);
    const lines = records(out);
    expect(lines.filter(({ type }) => type === "frame").map(({ epoch, seq }) => [epoch, seq])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(lines.at(-1)).toEqual({ type: "summary", frames: 2, epochs: 2, totalLagged: 0, unaccounted: 0 });
  });

  it("prints text for people and ends by itself with --for", async () => {
    using peer = await echoServer();
    peer.server.on("connection", (socket) => {
      socket.send("hello");
      socket.send(Buffer.from([1, 2, 3]));
    });
    const { code, out } = await run("tail", peer.url, "--for", "300ms");
    expect(code).toBe(0);
    expect(out).toMatch(/connected: epoch 1/);
    expect(out).toMatch(/^hello$/m);
    expect(out).toMatch(/\(3 bytes of binary\)/);
    expect(out).toMatch(/summary: 2 frames delivered in 1 epochs, 0 dropped and counted, 0 unaccounted/);
  });
});

describe("demo", () => {
  it("survives a reset, a half-open peer and a burst, and accounts for every frame", async () => {
    const { code, out, err } = await run("demo", "--for", "6s", "--json");
    expect([code, err]).toEqual([0, ""]);
    const lines = records(out);
    const incidents = lines.filter(({ type }) => type === "incident");
    const recovered = lines.filter(({ type }) => type === "recovered");
    expect(incidents).toHaveLength(3);
    expect(recovered.map(({ incident }) => incident)).toEqual(incidents.map(({ incident }) => incident));
    expect(lines.some(({ type, phase }) => type === "snapshot" && phase === "stale")).toBe(true);
    const summary = lines.at(-1);
    expect(summary).toMatchObject({ type: "summary", epochs: 3, unaccounted: 0 });
    expect(summary?.["totalLagged"]).toBeGreaterThan(0);
    const frames = lines.filter(({ type }) => type === "frame");
    expect(summary?.["frames"]).toBe(frames.length);
  });
});
