import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { startServer } from "./support/connections.js";
import { mutePeer } from "./support/mute-peer.js";
import { silentServer } from "./support/silent-server.js";

const BUILT = new URL("../dist/index.js", import.meta.url).href;
const LONG_MS = 3_600_000;

/** Runs a program in a process of its own, which has to end by itself. */
async function run(program: string): Promise<{ code: number | null; out: string }> {
  const source = `
    process.on("unhandledRejection", (error) => {
      console.log("unhandled", error);
      process.exitCode = 9;
    });
    ${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
  });
  return { out: (await text(child.stdout)).trim(), code: await exited };
}

it.each(["undici", "ws"])(
  "a process ends after shutdown(), whatever the leaf over %s is waiting for",
  async (platform) => {
    const server = await startServer();
    const silent = await silentServer(() => undefined);
    const refusing = await silentServer((socket) => socket.resetAndDestroy());
    const mute = await mutePeer();
    const { code, out } = await run(`
    import { AttemptGate, openWeb } from ${JSON.stringify(BUILT)};
    import { WebSocket } from ${JSON.stringify(platform)};
    const open = (url, options) =>
      openWeb(url, { WebSocket, gate: new AttemptGate(), awaitFirst: false, ...options });
    const auth = { authorize: () => new Promise(() => undefined) };
    const thinking = await open("ws://venue.test/", { auth });
    const unanswered = await open("ws://127.0.0.1:${silent.port}/");
    const config = { backoff: { minMs: ${LONG_MS}, maxMs: ${LONG_MS} } };
    const resting = await open("ws://127.0.0.1:${refusing.port}/", { config });
    const up = await open(${JSON.stringify(server.url)});
    const unheard = await open(${JSON.stringify(mute.url)});
    const until = async ({ lifecycle }, condition) => {
      while (!condition(lifecycle.snapshot)) await lifecycle.changed();
    };
    await until(resting, ({ cause }) => cause !== undefined);
    await until(up, ({ epoch }) => epoch === 1);
    await until(unheard, ({ epoch }) => epoch === 1);
    await until(unanswered, ({ attempts }) => attempts === 1);
    const feeds = [thinking, unanswered, resting, up, unheard];
    const reading = Promise.all(feeds.map(({ source }) => source.readable()));
    await Promise.all(feeds.map(({ control }) => control.shutdown({ timeoutMs: 50 })));
    console.log(...(await reading), ...feeds.map(({ lifecycle }) => lifecycle.snapshot.phase));`);
    expect({ code, out }).toEqual({
      code: 0,
      out: "false false false false false closed closed closed closed closed",
    });
    await silent.gone();
    await mute.gone();
  },
);
