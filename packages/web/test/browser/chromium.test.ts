import type { Browser } from "playwright-core";
import { expect, it, onTestFinished } from "vitest";
import { CHROMIUM, startBrowser } from "../../../../internal/dashboard/src/browser.js";
import { startServer } from "../support/connections.js";
import { browserSuite, FAST } from "./browser-suite.js";
import { chromiumBrowser } from "./chromium-browser.js";
import { HiddenTab } from "./hidden-tab.js";
import type { Seen } from "./page.js";

let chromium: Browser;

const CHROMIUM_KIND = {
  title: "the web package in Chromium",
  needs: [{ package: "chromium", file: CHROMIUM }],
  async start() {
    chromium = await startBrowser();
    return chromiumBrowser(chromium);
  },
  // Chromium had not made this dial after 20 s: it puts dials off when others hang.
  notMade: [
    "dialling: an abort while the server is silent rejects with its reason and leaves no socket",
  ],
  departures: [
    // A message for a socket that is closing is thrown away (WHATWG WebSockets, section 4).
    "closing: what the peer sends before it answers close() is still delivered",
    // No browser has a hard end: see `lingeringSockets`.
    "ending: destroy() drops the socket without a close frame, and the connection ends",
  ],
};

browserSuite(CHROMIUM_KIND, ({ address }) => {
  it("openWeb() has another connection after a freeze, in which Chromium drops the socket", async () => {
    const server = await startServer();
    const tab = await HiddenTab.open(chromium, address());
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
});
