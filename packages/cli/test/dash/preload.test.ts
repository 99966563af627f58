import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { builtPage } from "../support/built-page.js";
import { addressOf, PageClient } from "../support/page-client.js";
import { start } from "../support/run-cli.js";

builtPage();

const APP = fileURLToPath(new URL("../support/plain-app.mjs", import.meta.url));

interface App {
  readonly err: () => string;
  /** Resolves when it has written this to its errors. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string }>;
}

function app(listen: string, ...args: readonly string[]): App {
  const child = spawn(process.execPath, ["--import", "@oath-ws/cli/dash", APP, ...args], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { ...process.env, OATH_WS_DASH: listen },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill());
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = (async () => {
    const [code] = (await once(child, "close")) as [number | null];
    return { code, out };
  })();
  return {
    err: () => err,
    said: async (pattern) => {
      for (;;) {
        const found = pattern.exec(err);
        if (found !== null) return found;
        if (child.exitCode !== null) throw new Error(`it ended without ${pattern}:\n${err}`);
        await Promise.race([once(child.stderr, "data"), ended]);
      }
    },
    ended,
  };
}

it("the preloaded dashboard shows a program without a changed line, and keeps it alive for no page", async () => {
  const running = app("127.0.0.1:0");
  const [, url = ""] = await running.said(/^oath-ws: dashboard at (http:\S+)\n/);
  const { base, code } = addressOf(url);
  const page = new PageClient(base);
  const { token = "" } = await page.hello(code);
  const { connections } = await page.tick((tick) => tick.connections[0]?.phase === "connected");
  expect(connections[0]).toMatchObject({ name: "mine" });
  await page.say({ type: "reconnect", token, connection: connections[0]?.key ?? 0 });
  // The page stays connected to the end, and only the program's own end ends it.
  expect(await running.ended).toEqual({ code: 0, out: "done\n" });
  expect(running.err().trim().split("\n")).toHaveLength(1);
  expect(running.err()).not.toContain(token);
});

it("a port that is taken is one warning, and so is an address that is none", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const runs = [
    [app(`127.0.0.1:${port}`, "once"), /EADDRINUSE/],
    [app("nowhere", "once"), /takes HOST:PORT/],
  ] as const;
  for (const [running, why] of runs) {
    expect(await running.ended).toEqual({ code: 0, out: "done\n" });
    expect(running.err().match(/OathWsDash/g)).toHaveLength(1);
    expect(running.err()).toMatch(why);
  }
});

it("the command prints its address, serves, and says when the port is taken", async () => {
  const running = start("dash", "--sim", "--venue", "ibkr", "smd+265598");
  await running.seen(/the dashboard is at http/);
  const url = /http\S+/.exec(running.out)?.[0] ?? "";
  const { base, code } = addressOf(url);
  const page = new PageClient(base);
  const { token = "", simulators } = await page.hello(code);
  await page.tick(({ topics }) => topics.byPhase.live === 1);
  for (const { id } of simulators[0]?.faults ?? []) {
    await page.say({ type: "fault", token, simulator: 0, fault: id });
    expect(await page.answer()).toContain(`Done: ${id} at the simulated IBKR`);
  }
  const second = await start("dash", "--listen", base.slice("http://".length)).ended;
  expect([second.code, second.err]).toEqual([1, expect.stringContaining("EADDRINUSE")]);
  running.interrupt();
  const { code: exit, out } = await running.ended;
  expect(exit).toBe(0);
  expect(out).toBe(`the dashboard is at ${url}\n`);
});
