import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import * as oathWs from "../src/index.js";
import * as oathWsLeaf from "../src/leaf.js";
import { wsServer } from "./support/connections.js";

const BUILT = new URL("../dist/index.js", import.meta.url);
const TESTING = new URL("../../testing/dist/index.js", import.meta.url);

it("the package oath-ws exports what a user needs, and nothing else", () => {
  expect(Object.keys(oathWs).toSorted()).toEqual([
    "AttemptGate",
    "CONNECTION_CHANNEL",
    "ConfigError",
    "READER_CHANNEL",
    "SharedAttemptGate",
    "StoreGate",
    "TRACE_CHANNEL",
    "WsError",
    "build",
    "defaultClassify",
    "directConnector",
    "isConfigError",
    "isTerminal",
    "isWsError",
    "nodeRuntime",
    "nodeRuntimeWith",
    "open",
    "toNodeDuplex",
    "toWebStreams",
    "wsConnector",
  ]);
});

it("oath-ws/leaf exports what Node has for connectors and stacks", () => {
  expect(Object.keys(oathWsLeaf).toSorted()).toEqual([
    "NODE_ERROR_RULES",
    "fromNodeError",
    "networkDial",
    "networkListen",
    "networkPlatform",
    "networkRuntime",
    "nodeBind",
    "nodeNewId",
    "nodeRandom",
    "nodeSpawn",
    "nodeTimer",
  ]);
});

// In a process of its own, over the build: what holds a process open cannot be seen from within.
describe("a process", () => {
  async function run(body: string, url = ""): Promise<{ code: number | null; output: string }> {
    expect(existsSync(fileURLToPath(BUILT)), "run `npx tsc -b packages/node` first").toBe(true);
    const script = `import { nodeRuntime, open, wsConnector } from ${JSON.stringify(BUILT.href)};
      import { LeafRecorder } from ${JSON.stringify(TESTING.href)};
      const handshake = { url: ${JSON.stringify(url)}, protocols: [], headers: {} };
      const connect = () => LeafRecorder.connect(wsConnector(), handshake);
      ${body}`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output };
  }

  it.each([
    ["destroy()", "const c = await connect(); c.destroy();"],
    ["close()", "const c = await connect(); await c.close();"],
    [
      "close() that is not awaited",
      "const c = await connect(); void c.close(); for await (const _ of c.source);",
    ],
    [
      "a peer's close",
      'const c = await connect(); void c.send("close"); for await (const _ of c.source);',
    ],
    ["a refused attempt", "await connect().catch(() => undefined);"],
  ])("ends by itself after %s", async (_name, body) => {
    const { url, server } = await wsServer();
    server.on("connection", (socket) => socket.on("message", () => socket.close(1000)));
    expect(
      await run(
        `${body} console.log("end");`,
        body.includes("catch") ? `${url.slice(0, -1)}0/` : url,
      ),
    ).toEqual({
      code: 0,
      output: "end\n",
    });
  });

  it("stays for a live socket, and for a timer in an outage", async () => {
    const { url, server } = await wsServer();
    server.on("connection", (socket) => setImmediate(() => socket.close(1000)));
    const body = `const c = await connect();
      c.untilEnded().then(() => nodeRuntime.timer.schedule(20, () => console.log("came back")));`;
    expect(await run(body, url)).toEqual({ code: 0, output: "came back\n" });
  });

  /** Says which modules of npm `ws` are loaded, also those that were loaded by an `import()`. */
  const LOADED = `const { createRequire } = await import("node:module");
    const cache = Object.keys(createRequire(import.meta.url).cache);
    console.log(cache.some((file) => /node_modules.ws./.test(file)) ? "ws" : "no ws");`;

  it.each([
    ["by default", "undefined", "no ws"],
    ['with transport "direct"', '{ transport: "direct" }', "no ws"],
    ['with transport "ws"', '{ transport: "ws" }', "ws"],
  ])(
    "has npm ws loaded only where it is the transport: open() %s",
    async (_name, options, said) => {
      const { url } = await wsServer();
      const body = `const feed = await open(${JSON.stringify(url)}, ${options}); ${LOADED}
      await feed.control.shutdown();`;
      expect(await run(body)).toEqual({ code: 0, output: `${said}\n` });
    },
  );
});
