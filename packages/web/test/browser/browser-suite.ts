import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { WebSocket } from "ws";
import { describeServer } from "../../../../internal/servers/test/support/describe-server.js";
import type { Installed } from "../../../../internal/servers/test/support/describe-server.js";
import type { OpenWebOptions } from "../../src/open-web.js";
import { startServer } from "../support/connections.js";
import type { ProbePage, Seen } from "./page.js";
import { RemoteServers } from "./remote-servers.js";
import type { TestBrowser, TestPage } from "./test-browser.js";

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
        "@oath-ws/resilience/platform": source("resilience/src/platform.ts"),
        "@oath-ws/resilience/streams": source("resilience/src/streams/to-web-streams.ts"),
        "@oath-ws/resilience": source("resilience/src/index.ts"),
        "@oath-ws/testing": source("testing/src/index.ts"),
      },
    },
  });
  const { output } = await bundle.generate({ format: "esm", codeSplitting: false });
  await bundle.close();
  return output[0].code;
}

/** Delays that a test can wait for. */
export const FAST: OpenWebOptions["config"] = {
  backoff: { minMs: 20, maxMs: 50 },
  attempts: { max: 100 },
};

/** Far more than a browser takes to start on a busy machine, in milliseconds. */
const START_MS = 180_000;

/** What is particular to a browser. */
export interface BrowserKind {
  readonly title: string;
  readonly needs: readonly Installed[];
  readonly start: () => Promise<TestBrowser>;
  /** Cases of the conformance suite that are not run in it. */
  readonly notMade: readonly string[];
  /** Cases in which its WebSocket departs from that suite. */
  readonly departures: readonly string[];
}

/** Calls a method of the page's `probePage`, with arguments that JSON can hold. */
function call<Name extends keyof ProbePage>(
  page: TestPage,
  name: Name,
  ...args: Parameters<ProbePage[Name]>
): Promise<Awaited<ReturnType<ProbePage[Name]>>> {
  const given = args.map((arg) => JSON.stringify(arg)).join(", ");
  return page.evaluate(`probePage.${name}(${given})`) as never;
}

/**
 * What the web package promises in every browser.
 *
 * @param more adds cases for one browser; it is told where the page is, once a test runs
 */
export function browserSuite(
  { title, needs, start, notMade, departures }: BrowserKind,
  more: (place: { readonly address: () => string }) => void = () => undefined,
): void {
  describeServer(title, needs, () => {
    let starting: Promise<TestBrowser> | undefined;
    let browser: TestBrowser | undefined;
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
      starting = start();
      browser = await starting;
    }, START_MS);
    afterAll(async () => {
      // Also where it started too late, so that none is left behind.
      await (await starting)?.close();
      site.close();
      site.closeAllConnections();
    }, START_MS);

    /** A page of its own, which must not complain. */
    async function newPage(): Promise<TestPage> {
      if (browser === undefined) throw new Error("the browser did not start");
      const page = await browser.newPage(address, new RemoteServers().call);
      onTestFinished(() => page.close());
      await expect.poll(() => page.evaluate("typeof probePage")).toBe("object");
      return page;
    }

    const open = (page: TestPage, url: string, options: OpenWebOptions): Promise<void> =>
      call(page, "open", url, options);
    const see = (page: TestPage): Promise<Seen> => call(page, "see");
    const seen = (page: TestPage, what: Partial<Seen>): Promise<void> =>
      expect.poll(() => see(page), { timeout: 10_000, interval: 20 }).toMatchObject(what);
    const next = async (socket: WebSocket): Promise<string> => {
      const [data] = (await once(socket, "message")) as [Buffer];
      return data.toString();
    };

    it("keeps the promises of the leaf contract, but for its departures", {
      timeout: 3 * START_MS,
    }, async () => {
      // Browsers put the dials of a page off when some have failed; so each page gets a share.
      const shares = await Promise.all(
        [0, 1, 2].map(async (share) => {
          const page = await newPage();
          return call(page, "conformance", share, 3, notMade);
        }),
      );
      const entries = shares.flatMap((share) => Object.entries(share));
      const failed = entries.filter(([, outcome]) => !/^(passed|skipped: the case)/.test(outcome));
      expect(failed.map(([name]) => name).toSorted()).toEqual(departures.toSorted());
      expect(entries.filter(([, outcome]) => outcome === "passed").length).toBeGreaterThan(20);
    });

    it("reads in a worker", async () => {
      const server = await startServer();
      const page = await newPage();
      const inWorker = call(page, "inWorker", server.url);
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
      // Listened to from the first moment: one probe is all that is sent into a silence.
      const probe = server.socket(0).then(next);
      await open(page, server.url, { config: { ...FAST, liveness }, probe: "are you there" });
      expect(await probe).toBe("are you there");
      // The next connection is not silent, so that what was told of the first one stays.
      const second = await server.socket(1);
      const ticking = setInterval(() => second.send("tick"), 20);
      onTestFinished(() => clearInterval(ticking));
      await seen(page, { epoch: 2, staleCount: 1, cause: "PEER_SILENT" });
    });

    it("dials no more while the page is offline, and at once when it is online", async () => {
      const server = await startServer();
      const page = await newPage();
      await open(page, server.url, {
        config: { ...FAST, backoff: { minMs: 20_000, maxMs: 30_000 } },
      });
      await page.setOffline(true);
      (await server.socket(0)).terminate();
      await seen(page, { phase: "reconnecting", waitingFor: "network", attempts: 1 });
      await page.setOffline(false);
      await seen(page, { phase: "resumed", epoch: 2, attempts: 2 });
    });

    it("probes when a hidden page is shown again", async () => {
      const server = await startServer();
      const page = await newPage();
      await open(page, server.url, { config: FAST, probe: "ping" });
      const socket = await server.socket(0);
      const probe = next(socket);
      for (const state of ["hidden", "visible"]) await call(page, "pretend", state);
      expect(await probe).toBe("ping");
    });

    it("has a ReconnectingWebSocket that outlives a drop and tells of it in order", async () => {
      const server = await startServer();
      const page = await newPage();
      await call(page, "connect", "reconnecting", server.url, { config: FAST });
      const heard = (words: readonly string[]): Promise<void> =>
        expect.poll(() => call(page, "story"), { timeout: 10_000, interval: 20 }).toEqual(words);
      const first = await server.socket(0);
      first.send("text");
      first.send(Buffer.from("bytes"));
      const before = ["open 1", "message text", "message ArrayBuffer 5"];
      await heard(before);
      const echo = next(first);
      await call(page, "send", "hello");
      expect(await echo).toBe("hello");
      first.terminate();
      const after = [...before, "error SOCKET_LOST", "close 1006 1", "open 2"];
      await heard(after);
      const closed = once(await server.socket(1), "close") as Promise<[number, Buffer]>;
      await call(page, "closeSocket", 3001, "enough");
      await heard([...after, "close 3001 2"]);
      const [code, reason] = await closed;
      expect([code, reason.toString()]).toEqual([3001, "enough"]);
    });

    it("has a ResilientWebSocket that takes the global one's place, and ends", async () => {
      const server = await startServer();
      const page = await newPage();
      await call(page, "connect", "global", server.url, {});
      await expect.poll(() => call(page, "story")).toEqual(["open 1"]);
      (await server.socket(0)).terminate();
      await expect.poll(() => call(page, "story")).toEqual(["open 1", "close 1006 1"]);
      expect(server.sockets).toHaveLength(1);
    });

    it("gives web streams, over a reconnect, whose end is that of the connection", async () => {
      const server = await startServer();
      const page = await newPage();
      const piped = call(page, "stream", server.url, { config: FAST }, 2);
      const first = await server.socket(0);
      const echo = next(first);
      first.send("one");
      expect(await echo).toBe("one");
      first.terminate();
      const second = await server.socket(1);
      const closed = once(second, "close");
      second.send("two");
      expect(await piped).toEqual(["1 one", "2 two", "closed"]);
      await closed;
    });

    more({ address: () => address });
  });
}
