import { once } from "node:events";
import { startBinanceSim } from "@oath-ws/sim";
import { open } from "oath-ws";
import { WebSocketServer } from "ws";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { serveDash } from "../../src/dash/serve-dash.js";
import { binanceSimulator } from "../../src/dash/simulator.js";
import { startDash } from "../../src/dash/start-dash.js";
import type { RunningDash } from "../../src/dash/start-dash.js";
import { Watch } from "../../src/dash/watch.js";
import { parseListenAddress } from "../../src/local/listen-address.js";
import { builtPage } from "../support/built-page.js";
import { addressOf, ask, PageClient, refusedUpgrade } from "../support/page-client.js";

builtPage();

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

async function started(
  options: Partial<Parameters<typeof startDash>[0]> = {},
): Promise<RunningDash & ReturnType<typeof addressOf> & { readonly printed: string[] }> {
  const printed: string[] = [];
  const dash = await startDash({
    address: parseListenAddress("127.0.0.1:0", "--listen"),
    onAddress: (url) => printed.push(url),
    ...options,
  });
  ended.push(() => dash.close());
  return { ...dash, ...addressOf(dash.url), printed };
}

async function venue(): Promise<{ readonly url: string; readonly server: WebSocketServer }> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  ended.push(async () => {
    for (const socket of server.clients) socket.terminate();
    server.close();
    await once(server, "close");
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe("what is not our page is refused", () => {
  it.each([
    [{ host: "rebound.example" }, 403],
    [{ host: "127.0.0.1:1" }, 403],
    [{ origin: "http://evil.example" }, 403],
    [{ origin: "null" }, 403],
    [{ origin: "https://127.0.0.1" }, 403],
  ])("with the headers %j", async (headers, status) => {
    const { base } = await started();
    expect((await ask(`${base}/`, { headers })).status).toBe(status);
    expect(await refusedUpgrade(base, "/feed", headers)).toBe(status);
  });

  it("with other paths and methods; and nothing is cached, framed or told to other sites", async () => {
    const { base } = await started();
    expect((await ask(`${base}/../package.json`)).status).toBe(404);
    expect((await ask(`${base}/`, { method: "POST" })).status).toBe(405);
    expect(await refusedUpgrade(base, "/", { origin: base })).toBe(404);
    const { status, headers, text } = await ask(`${base}/`);
    expect([status, headers["referrer-policy"], headers["cache-control"]]).toEqual([
      200,
      "no-referrer",
      "no-store",
    ]);
    const policy = headers["content-security-policy"] ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(text).not.toMatch(/https?:|style=|<script>/);
  });
});

describe("buttons need the token", () => {
  it("which the start code buys once; the address of a page that asks is printed, and not too often", async () => {
    const { base, code, printed, watch } = await started();
    const first = new PageClient(base);
    const { mayAct, token } = await first.hello(code);
    expect([mayAct, typeof token]).toEqual([true, "string"]);
    const second = new PageClient(base);
    expect(await second.hello(code)).toMatchObject({ mayAct: false });
    await second.say({ type: "newCode" });
    expect(await second.answer()).toContain("a moment ago");
    expect(printed).toEqual([]);
    const third = new PageClient(base);
    expect(await third.hello(undefined, token)).toMatchObject({ mayAct: true });
    for (const wrong of ["", code, `${token} `]) {
      await second.say({ type: "reconnect", token: wrong, connection: 1 });
      expect(await second.answer()).toContain("Buttons need the token");
    }
    expect(watch.happenings.total).toBe(0);
    expect([...second.heard, ...third.heard, ...printed].join()).not.toContain(token);
  });

  it("reading needs the token off loopback", async () => {
    const watch = new Watch();
    ended.push(() => Promise.resolve(watch.stop()));
    // What other machines could reach, on an address that they cannot.
    const address = { host: "127.0.0.1", port: 0, isLoopback: false };
    const dash = await serveDash({ address, watch, onAddress: () => undefined });
    ended.push(() => dash.close());
    const { base, code } = addressOf(dash.url);
    const stranger = new PageClient(base);
    await stranger.say({ type: "hello", token: "guessed", code: undefined });
    expect(await stranger.closed()).toBe(4401);
    const silent = new PageClient(base);
    await silent.say({
      type: "watch",
      connection: undefined,
      topic: undefined,
      filter: "",
      from: 0,
    });
    expect(await silent.closed()).toBe(1008);
    expect([...stranger.heard, ...silent.heard]).toEqual([]);
    expect(await refusedUpgrade(base, "/feed", { origin: "http://evil.example" })).toBe(403);
    expect(await new PageClient(base).hello(code)).toMatchObject({ mayAct: true });
  });

  it.each(["{", "[]", '"hello"', '{"type":"watch"}', '{"type":"constructor"}', "null"])(
    "%s is not a message of a button",
    async (text) => {
      const { base, code } = await started();
      const page = new PageClient(base);
      await page.hello(code);
      await page.say(text);
      expect(await page.closed()).toBe(1008);
    },
  );

  it("a message that is too long ends the connection", async () => {
    const { base } = await started();
    const page = new PageClient(base);
    await page.say("x".repeat(5_000));
    expect(await page.closed()).toBe(1009);
  });
});

describe("connections", () => {
  it("are shown from their opening on, and a button reconnects them", async () => {
    const { base, code } = await started();
    const { url, server } = await venue();
    server.on("connection", (socket) => socket.send("hello"));
    const connection = await open(url, { name: "quotes" });
    ended.push(() => connection.control.shutdown());
    const page = new PageClient(base);
    const { token = "" } = await page.hello(code);
    const up = await page.tick(({ connections }) => connections[0]?.phase === "connected");
    const [figures] = up.connections;
    expect(figures).toMatchObject({ name: "quotes", endpoint: url, epoch: 1, attempts: 1 });
    const key = figures?.key ?? 0;
    await page.say({ type: "watch", connection: key, topic: undefined, filter: "", from: 0 });
    await page.say({ type: "reconnect", token, connection: key });
    expect(await page.answer()).toContain("A reconnect of quotes");
    const again = await page.tick(({ connections }) => connections[0]?.epoch === 2);
    expect(again.connection?.dial.map(({ step }) => step)).toEqual(["tcp", "upgrade"]);
    await connection.control.shutdown();
    await page.tick(({ connections }) => connections[0]?.phase === "closed");
    await page.say({ type: "reconnect", token, connection: key });
    expect(await page.answer()).toBe("quotes has ended.");
    // A page that comes late sees the past too.
    const late = new PageClient(base);
    await late.hello();
    const { stretches, happenings } = await late.tick(() => true);
    expect(stretches[0]?.[1].map(({ phase }) => phase)).toEqual([
      "connecting",
      "connected",
      "reconnecting",
      "resumed",
      "closed",
    ]);
    expect(happenings.map(({ text }) => text)).toContain("connected, epoch 2");
  });

  it("show no secret of a path, query, header, error or close reason, nor an id", async () => {
    const { base, code } = await started();
    const { url, server } = await venue();
    server.on("connection", (socket) => {
      socket.send("canary-payload");
      socket.close(4001, "canary-reason");
    });
    const connection = await open(
      `${url.replace("://", "://canary-user:canary-password@")}/canary-path?key=canary-query`,
      {
        headers: { authorization: "Bearer canary-header" },
        config: { backoff: { firstMs: 1, minMs: 1, maxMs: 1 } },
      },
    );
    ended.push(() => connection.control.shutdown());
    const page = new PageClient(base);
    await page.hello(code);
    const tick = await page.tick(({ connections }) => (connections[0]?.epoch ?? 0) >= 2);
    const key = tick.connections[0]?.key;
    await page.say({ type: "watch", connection: key, topic: undefined, filter: "", from: 0 });
    await page.tick((each) => each.connection !== undefined);
    const heard = page.heard.join("\n");
    expect(heard).toContain("close code 4001");
    expect(heard).not.toContain("canary");
    expect(heard).not.toContain(connection.id);
  });
});

it("every fault of a simulated venue has a button that works, and an unknown one does nothing", async () => {
  const sim = await startBinanceSim();
  onTestFinished(() => sim.close());
  const simulator = binanceSimulator(sim);
  const { base, code, watch } = await started({ simulators: [simulator] });
  const page = new PageClient(base);
  const { token = "", simulators } = await page.hello(code);
  const ids = simulators[0]?.faults.map(({ id }) => id) ?? [];
  expect(ids.length).toBeGreaterThan(30);
  for (const fault of ids) {
    await page.say({ type: "fault", token, simulator: 0, fault });
    expect(await page.answer()).toContain(`Done: ${fault} at the simulated Binance`);
  }
  for (const [which, fault] of [
    [0, "constructor"],
    [7, "reset"],
  ] as const) {
    await page.say({ type: "fault", token, simulator: which, fault });
    expect(await page.answer()).toBe("There is no such fault here.");
  }
  await page.say({ type: "fault", token: "wrong", simulator: 0, fault: "reset" });
  expect(await page.answer()).toContain("Buttons need the token");
  expect(watch.happenings.total).toBe(ids.length);
});
