import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const SUITE_MS = 300_000;

const CONFIG = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (
      name = "main",
      worker = (
        modules = [(name = "worker.mjs", esModule = embed "worker.mjs")],
        compatibilityDate = "2026-11-01",
        globalOutbound = "network",
      ),
    ),
    (name = "network", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;

/** @param {string} input @param {string} file @param {"browser" | "node"} platform */
async function bundle(input, file, platform) {
  const made = await rolldown({ input: join(import.meta.dirname, input), platform });
  await made.write({ file, format: "esm", codeSplitting: false });
  await made.close();
}

/**
 * The servers that the conformance suite asks for, behind one address. Each call is a request of
 * its own, and requests can overtake each other, so calls have numbers and begin in their order.
 */
async function startServers(/** @type {string} */ folder) {
  const file = join(folder, "remote-servers.mjs");
  await bundle("../../packages/web/test/browser/remote-servers.ts", file, "node");
  const { RemoteServers } = await import(pathToFileURL(file).href);
  const servers = new RemoteServers();
  /** @type {Map<string, () => void>} */
  const early = new Map();
  let calls = 0;
  const beginAll = () => {
    for (let next = early.get(`/?call=${calls}`); next; next = early.get(`/?call=${calls}`)) {
      early.delete(`/?call=${calls++}`);
      next();
    }
  };
  const http = createServer((request, response) => {
    const fail = (/** @type {unknown} */ error) => response.writeHead(500).end(String(error));
    text(request).then((call) => {
      early.set(request.url ?? "", () => {
        servers.call(call).then((/** @type {string} */ answer) => response.end(answer), fail);
      });
      beginAll();
    }, fail);
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      http.closeAllConnections();
      http.close();
    },
  };
}

/** Starts it, and gives a way to ask the worker. */
async function start(/** @type {string} */ program, /** @type {string} */ folder) {
  writeFileSync(join(folder, "config.capnp"), CONFIG);
  await bundle("worker.mjs", join(folder, "worker.mjs"), "browser");
  const child = spawn(program, ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const [said] = await once(/** @type {import("node:stream").Readable} */ (child.stdio[3]), "data");
  const { port } = JSON.parse(String(said).split("\n", 1)[0] ?? "");
  return {
    /** @param {string} task @param {string} url */
    async ask(task, url) {
      const query = new URLSearchParams({ url });
      const answer = await fetch(`http://127.0.0.1:${port}/${task}?${query}`, {
        signal: AbortSignal.timeout(SUITE_MS),
      });
      return answer.json();
    },
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = await ended;
      return code;
    },
  };
}

/**
 * Tries the web leaf and the drop-in class in workerd, and the conformance suite on its WebSocket.
 *
 * @param {string} program @param {string} folder @param {string} trades where the venue is
 * @param {readonly string[]} departures cases in which it must depart from the suite
 */
export async function checkWorkerd(program, folder, trades, departures) {
  const version = spawnSync(program, ["--version"], { encoding: "utf8" })
    .stdout.replace("workerd", "")
    .trim();
  const servers = await startServers(folder);
  const worker = await start(program, folder);
  try {
    const smoke = await worker.ask("smoke", trades);
    const dropIn = await worker.ask("dropIn", trades);
    process.stdout.write(`web: ${JSON.stringify({ smoke, dropIn })}\n`);
    /** @type {Record<string, string>} */
    const outcomes = await worker.ask("conformance", servers.url);
    const entries = Object.entries(outcomes);
    const passed = entries.filter(([, outcome]) => outcome === "passed").length;
    const skipped = entries.filter(([, outcome]) => outcome.startsWith("skipped")).length;
    const failed = entries.filter(([, outcome]) => !/^(passed|skipped)/.test(outcome));
    process.stdout.write(`${JSON.stringify({ passed, skipped, failed })}\n`);
    const isExpected =
      failed.length === departures.length && failed.every(([name]) => departures.includes(name));
    const code = await worker.stop();
    const ok =
      smoke.epoch === 2 &&
      smoke.phase === "closed" &&
      smoke.lingering === 0 &&
      dropIn.frames === 40 &&
      dropIn.epoch === 2 &&
      passed > 0 &&
      isExpected &&
      code === 0;
    const suite = { passed, skipped, departures: failed.length, ok };
    return { version, ok, suite };
  } catch (error) {
    await worker.stop();
    throw error;
  } finally {
    servers.close();
  }
}
