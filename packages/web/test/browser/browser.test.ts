import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { WebSocket } from "ws";
import { CHROMIUM, startBrowser } from "../../../../internal/dashboard/src/browser.js";
import { describeServer } from "../../../../internal/servers/test/support/describe-server.js";
import type { OpenWebOptions } from "../../src/open-web.js";
import { startServer } from "../support/connections.js";
import { HiddenTab } from "./hidden-tab.js";
import type { Seen } from "./page.js";
import { RemoteServers } from "./remote-servers.js";

const PACKAGES = join(import.meta.dirname, "../../..");

/** What the page runs, out of the sources. */
async function bundled(): Promise<string> {
  const source = (name: string): string => join(PACKAGES, name);
  const bundle = await rolldown({
    input: join(import.meta.dirname, "page.ts"),
    platform: "browser",
    resolve: {
      alias: {
        "@oath-ws/contract": source("contract/src/index.ts"),
        "@oath-ws/resilience/leaf": source("resilience/src/leaf.ts"),
        "@oath-ws/resilience": source("resilience/src/index.ts"),
        "@oath-ws/testing": source("testing/src/index.ts"),
      },
    },
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await bundle.close();
  return output[0].code;
}

/** A case whose dial Chromium had not made after 20 s: it puts dials off when others hang. */
const NOT_MADE = [
  "dialling: an abort while the server is silent rejects with its reason and leaves no socket",
];

/** Delays that a test can wait for. */
const FAST: OpenWebOptions["config"] = {
  backoff: { minMs: 20, maxMs: 50 },
  attempts: { max: 100 },
};

describeServer("the web package in Chromium", [{ package: "chromium", file: CHROMIUM }], () => {
  let browser: Browser;
  let site: Server;
  let address: string;

  beforeAll(async () => {
    const script = await bundled();
    site = createServer(({ url }, response) => {
      const isScript = url === "/page.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      response.end(isScript ? script : `<script type="module" src="/page.js"></script>`);
    });
    site.listen(0, "127.0.0.1");
    await once(site, "listening");
    address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    site.close();
    site.closeAllConnections();
  });

  /** A page of its own, which must not complain. */
  async function newPage(): Promise<Page> {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.exposeFunction("serverCall", new RemoteServers().call);
    await page.goto(address);
    await page.waitForFunction(() => "probePage" in globalThis);
    return page;
  }

  const open = (page: Page, url: string, options: OpenWebOptions): Promise<void> =>
    page.evaluate(([to, how]) => probePage.open(to, how), [url, options] as const);
  const see = (page: Page): Promise<Seen> => page.evaluate(() => probePage.see());
  const seen = (page: Page, what: Partial<Seen>): Promise<void> =>
    expect.poll(() => see(page), { timeout: 10_000, interval: 20 }).toMatchObject(what);
  const next = async (socket: WebSocket): Promise<string> => {
    const [data] = (await once(socket, "message")) as [Buffer];
    return data.toString();
  };

  it("keeps the promises of the leaf contract, but for those of the standard", async () => {
    // Chromium puts the dials of a page off when some have failed; so each page gets a share.
    const shares = await Promise.all(
      [0, 1, 2].map(async (share) => {
        const page = await newPage();
        return page.evaluate(([from, not]) => probePage.conformance(from, 3, not), [
          share,
          NOT_MADE,
        ] as const);
      }),
    );
    const entries = shares.flatMap((share) => Object.entries(share));
    const failed = entries.filter(([, outcome]) => !/^(passed|skipped: the case)/.test(outcome));
    expect(failed.map(([name]) => name).toSorted()).toEqual([
      // A message for a socket that is closing is thrown away (WHATWG WebSockets, section 4).
      "closing: what the peer sends before it answers close() is still delivered",
      // No browser has a hard end: see `lingeringSockets`.
      "ending: destroy() drops the socket without a close frame, and the connection ends",
    ]);
    expect(entries.filter(([, outcome]) => outcome === "passed").length).toBeGreaterThan(20);
  });

  it("reads in a worker", async () => {
    const server = await startServer();
    const page = await newPage();
    const inWorker = page.evaluate((url) => probePage.inWorker(url), server.url);
    (await server.socket(0)).send("to the worker");
    expect(await inWorker).toMatchObject({ phase: "connected", texts: ["to the worker"] });
  });

  it("survives a drop, and an outage", async () => {
    const server = await startServer();
    const page = await newPage();
    await open(page, server.url, { config: FAST });
    (await server.socket(0)).terminate();
    await seen(page, { phase: "resumed", epoch: 2, cause: "SOCKET_LOST" });
    (await server.socket(1)).send("after the drop");
    await seen(page, { texts: ["after the drop"] });
    server.refuse(true);
    (await server.socket(1)).terminate();
    await seen(page, { phase: "reconnecting", cause: "CONNECT_FAILED" });
    server.refuse(false);
    await seen(page, { phase: "resumed", epoch: 3 });
  });

  it("drops a peer that is mute, and says before that it is stale", async () => {
    const server = await startServer();
    const page = await newPage();
    const liveness = { probeAfterMs: 50, staleAfterMs: 200, deadAfterMs: 600 };
    await open(page, server.url, { config: { ...FAST, liveness }, probe: "are you there" });
    const socket = await server.socket(0);
    expect(await next(socket)).toBe("are you there");
    await seen(page, { epoch: 2, staleCount: 1, cause: "PEER_SILENT" });
  });

  it("dials no more while the page is offline, and at once when it is online", async () => {
    const server = await startServer();
    const page = await newPage();
    await open(page, server.url, {
      config: { ...FAST, backoff: { minMs: 20_000, maxMs: 30_000 } },
    });
    await page.context().setOffline(true);
    (await server.socket(0)).terminate();
    await seen(page, { phase: "reconnecting", waitingFor: "network", attempts: 1 });
    await page.context().setOffline(false);
    await seen(page, { phase: "resumed", epoch: 2, attempts: 2 });
  });

  it("has another connection after a freeze, in which Chromium drops the socket", async () => {
    const server = await startServer();
    const tab = await HiddenTab.open(browser, address);
    onTestFinished(() => tab.close());
    await expect.poll(() => tab.evaluate("typeof probePage")).toBe("object");
    await tab.evaluate(`globalThis.told = [];
      for (const type of ["freeze", "resume"])
        document.addEventListener(type, () => told.push(type));`);
    // Longer than the second to which a hidden page's timers are held.
    const liveness = { probeAfterMs: 2_500, staleAfterMs: 5_000, deadAfterMs: 10_000 };
    const options = JSON.stringify({ config: { ...FAST, liveness } });
    await tab.evaluate(`probePage.open(${JSON.stringify(server.url)}, ${options})`);
    const socket = await server.socket(0);
    const see = (): Promise<Seen> => tab.evaluate("probePage.see()") as Promise<Seen>;
    socket.send("hello");
    await expect.poll(see).toMatchObject({ isFresh: true, epoch: 1 });
    void server.socket(1).then((again) => again.send("again"));
    await tab.freeze();
    // Nothing of the page runs, so there is nothing to wait for but the time itself.
    await new Promise((done) => setTimeout(done, 1_000));
    await tab.thaw();
    await expect.poll(see).toMatchObject({
      phase: "resumed",
      epoch: 2,
      cause: "SOCKET_LOST",
      texts: ["hello", "again"],
    });
    expect(await tab.evaluate("told")).toEqual(["freeze", "resume"]);
  });

  it("probes when a hidden page is shown again", async () => {
    const server = await startServer();
    const page = await newPage();
    await open(page, server.url, { config: FAST, probe: "ping" });
    const socket = await server.socket(0);
    const probe = next(socket);
    for (const state of ["hidden", "visible"])
      await page.evaluate((now) => {
        Object.defineProperty(document, "visibilityState", { value: now, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, state);
    expect(await probe).toBe("ping");
  });
});
