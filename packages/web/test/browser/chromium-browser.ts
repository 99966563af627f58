import type { Browser } from "playwright-core";
import type { TestBrowser } from "./test-browser.js";

/** Chromium, by way of Playwright. */
export function chromiumBrowser(browser: Browser): TestBrowser {
  return {
    async newPage(address, serverCall) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.exposeFunction("serverCall", serverCall);
      await page.goto(address);
      return {
        evaluate: (expression) => page.evaluate(expression),
        setOffline: (offline) => context.setOffline(offline),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
