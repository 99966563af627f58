import { chromium } from "playwright-core";
import type { Browser } from "playwright-core";

/** Where Debian's package `chromium` puts it; `OATH_WS_CHROMIUM` names another one. */
export const CHROMIUM: string = process.env["OATH_WS_CHROMIUM"] ?? "/usr/bin/chromium";

/** Starts a browser without a window. It needs no sandbox: it opens pages of ours only. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}
