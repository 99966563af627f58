import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { join } from "node:path";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeServer } from "../../servers/test/support/describe-server.js";
import { CHROMIUM, startBrowser } from "../src/browser.js";
import { Program, ROOT } from "../src/program.js";
import { PATIENCE_MS, Stage, violations } from "./support/stage.js";

describeServer("the dashboard in Chromium", [{ package: "chromium", file: CHROMIUM }], () => {
  let browser: Browser;
  /** For the tests that end nothing. */
  let dash: Program;

  beforeAll(async () => {
    execFileSync(process.execPath, [join(ROOT, "scripts/build-page.js")]);
    browser = await startBrowser();
    dash = Program.oathWs("dash");
  });
  afterAll(async () => {
    await browser.close();
    await dash[Symbol.asyncDispose]();
  });

  it("shows the demo's four incidents, and survives the loss of its own server", async () => {
    await using stage = new Stage(browser);
    // Below those that a system gives to others while no program listens.
    const listen = `127.0.0.1:${randomInt(20_000, 32_000)}`;
    const demo = stage.run(Program.oathWs("demo", "--for", "7s", "--listen", listen));
    const address = await demo.address();
    const firstLines = demo.printed.split("\n").slice(0, 3).join("\n");
    expect(firstLines).toContain(`the dashboard is at http://${listen}/`);
    const page = await stage.look(address);
    const happened = page.locator("#happenings-list");
    for (const [incident, sign] of [
      ["resets the connection", /epoch 1: failure: connection \w+/],
      ["goes half-open", /stale: the socket is open and silent/],
      ["announces its shutdown", /#2connected, epoch 1/],
      ["a burst of 4000 events", /the receive buffer dropped \d+ frames/],
    ] as const) {
      await happened.getByText(new RegExp(`Injected: .*${incident}`)).waitFor();
      await happened.getByText(new RegExp(`${incident}.* over after`)).waitFor();
      await happened.locator("li").filter({ hasText: sign }).first().waitFor();
    }
    // The first connection was renewed in its third epoch; the figures of both are shown.
    const first = page.locator(".card").filter({ hasText: /^127\.0\.0\.1:\d+closed/ });
    expect(await first.textContent()).toMatch(/Epoch3/);
    expect(await page.locator(".card").filter({ hasText: "#2" }).textContent()).toMatch(/Epoch1/);
    expect(await first.locator("canvas").getAttribute("aria-label")).toMatch(/^Phases of the last/);
    await page.getByRole("button", { name: "BTCUSDT", exact: true }).first().waitFor();
    expect(await page.locator("#spread").textContent()).toMatch(/^bid .* ask .* spread/);
    await page.locator("#depth canvas").waitFor();

    await demo.ended();
    const banner = page.getByRole("alert");
    await banner.getByText(/^This page is blind since \d\d:\d\d:\d\d/).waitFor();
    expect(await page.locator("#feed").textContent()).toMatch(/^blind/);
    expect(await page.locator(".fault").first().isDisabled()).toBe(true);
    await stage.run(Program.oathWs("dash", "--listen", listen)).address();
    await banner.getByText(/^This page was blind from .*The program was started again/).waitFor();
    await page.getByText("1 connection: 1 up").waitFor();
    // The token of the run before is worth nothing, and the page says so.
    await page.getByText("The buttons are locked").waitFor();
    await banner.getByRole("button", { name: "Dismiss" }).click();
    expect(await banner.isHidden()).toBe(true);
    // The browser itself reports the dials that nothing answered, and nothing else went wrong.
    const others = stage.complaints.filter((text) => !text.includes("ERR_CONNECTION_REFUSED"));
    expect(others).toEqual([]);
  });

  it("has buttons that work, for who has the address, with the keyboard too", async () => {
    await using stage = new Stage(browser);
    const address = await dash.address();
    const page = await stage.look(address);
    await page.getByText("1 connection: 1 up").waitFor();
    expect(page.url()).toBe(`${new URL(address).origin}/`);
    const stored = await page.evaluate(() => Object.values(sessionStorage).join());
    expect(stored).toMatch(/^[\w-]{22}$/);
    const answer = page.locator("#answer");
    const card = page.locator(".card").first();
    await page.getByRole("button", { name: /^reset/ }).click();
    await answer.getByText("Done: reset at the simulated Binance; it hit 1 connections.").waitFor();
    await card.getByText(/resumed/).waitFor();
    await page.getByRole("button", { name: /^Reconnect/ }).focus();
    await page.keyboard.press("Enter");
    await answer.getByText(/^A reconnect of .* was asked for/).waitFor();
    await card.filter({ hasText: /Epoch3/ }).waitFor();
    await page.getByText("27 more faults").click();
    await page.getByRole("button", { name: /^bad-utf8/ }).click();
    await answer.getByText("Done: bad-utf8").waitFor();

    await page.getByLabel("Filter").fill("trades");
    await page.getByText("1 to 2 of 2").waitFor();
    await page.locator("#topic-rows button", { hasText: "ETHUSDT" }).press("Enter");
    await page.getByRole("heading", { name: "trades ETHUSDT" }).waitFor();
    await page.locator("#trade-rows tr").nth(2).waitFor();
    // The code works once: another tab gets no token, and asks for a new address.
    const other = await stage.look(address);
    await other.getByText("The buttons are locked").waitFor();
    expect(await other.getByRole("button", { name: /^reset/ }).isDisabled()).toBe(true);
    await other.getByRole("button", { name: /^Print a new address/ }).click();
    await other.getByText("The program has printed a new address.").waitFor();
    await other.goto(await dash.address(1));
    await other.getByText("The buttons are locked").waitFor({ state: "hidden" });
    expect(await other.getByRole("button", { name: /^reset/ }).isEnabled()).toBe(true);
    expect(stage.complaints).toEqual([]);
    expect(dash.printed).not.toContain(stored);
    expect(await page.content()).not.toContain(stored);
  });

  it("can be read by screen readers, with little sight, and on a narrow screen", async () => {
    await using stage = new Stage(browser);
    const page = await stage.look(new URL(await dash.address()).origin);
    // The keyboard's first stop is the link over the head of the page.
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("Skip");
    await page.getByText("1 connection: 1 up").waitFor();
    await page.getByText("27 more faults").click();
    await page.locator("#depth canvas").waitFor();
    await page.getByRole("button", { name: /^Print a new address/ }).click();
    await page
      .locator("#answer")
      .getByText(/address/)
      .waitFor();
    for (const [colorScheme, width, ground, rules] of [
      ["light", 1_360, "rgb(245, 246, 248)", undefined],
      ["dark", 1_360, "rgb(18, 22, 28)", ["color-contrast"]],
      ["light", 340, "rgb(245, 246, 248)", ["scrollable-region-focusable", "target-size"]],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      expect(await violations(page, rules)).toEqual([]);
      const [shown, wider] = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return [
          getComputedStyle(document.body).backgroundColor,
          scrollWidth - clientWidth,
        ] as const;
      });
      expect([shown, wider]).toEqual([ground, 0]);
    }
    expect(stage.complaints).toEqual([]);
  });

  it("does a bounded amount before each frame, with 50 connections and 200 topics on each", async () => {
    await using stage = new Stage(browser);
    const crowd = stage.run(
      new Program(
        ["--import", "@oath-ws/cli/dash", "internal/dashboard/dist/crowd.js", "50", "200"],
        { OATH_WS_DASH: "127.0.0.1:0" },
      ),
    );
    const page = await stage.look(await crowd.address());
    await page.getByText("50 connections: 50 up").waitFor();
    await page.getByText("10,000 topics: 10000 live").waitFor();
    expect(await page.locator(".card").count()).toBe(50);
    expect(await page.locator("#topic-rows tr").count()).toBe(25);
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByText("26 to 50 of 10,000").waitFor();
    await page.getByLabel("Filter").fill("sym39usdt@trade");
    await page.getByText("1 to 25 of 50").waitFor();
    const work = page.locator("#work");
    expect(Number(await work.getAttribute("data-most-jobs"))).toBeLessThanOrEqual(8);
    // What is not on the screen stays as it was, until it is seen.
    const ageOf = (card: "first" | "last"): Locator =>
      page.locator(".card")[card]().locator("dd").nth(6);
    const changed = async (card: "first" | "last", before: string | null): Promise<void> => {
      await expect.poll(() => ageOf(card).textContent(), { timeout: PATIENCE_MS }).not.toBe(before);
    };
    const unseen = await ageOf("last").textContent();
    for (let times = 0; times < 3; times++)
      await changed("first", await ageOf("first").textContent());
    expect(await ageOf("last").textContent()).toBe(unseen);
    await page.locator(".card").last().scrollIntoViewIfNeeded();
    await changed("last", unseen);
    expect(stage.complaints).toEqual([]);
  });
});
