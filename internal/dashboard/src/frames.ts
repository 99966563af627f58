// Measures how smooth the page is with 50 connections and 200 topics on each, for
// `npm run dash:frames`.
// What it prints are times between frames as the browser shows them, while the figures of all
// connections change twice a second and the page is scrolled up and down; and the same of an empty
// page in front, which shows what the machine itself is able to.
import { performance } from "node:perf_hooks";
import type { Page } from "playwright-core";
import { startBrowser } from "./browser.js";
import { Program } from "./program.js";

const seconds = Number(process.argv[2] ?? 20);

await using crowd = new Program(
  ["--import", "@oath-ws/cli/dash", "internal/dashboard/dist/crowd.js", "50", "200"],
  { OATH_WS_DASH: "127.0.0.1:0" },
);
const browser = await startBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1360, height: 1000 } });
  const address = await crowd.address();
  const startedAt = performance.now();
  console.log(`an empty page: ${await frameTimes(page)}`);
  await page.goto(address);
  await page.getByText("50 connections: 50 up").waitFor({ timeout: 120_000 });
  await page.getByText("10,000 topics: 10000 live").waitFor({ timeout: 120_000 });
  console.log(`all up and live ${Math.round(performance.now() - startedAt)} ms after the start`);
  console.log(`the dashboard: ${await frameTimes(page)}`);
  console.log(await page.locator("#work").textContent());
} finally {
  await browser.close();
}

async function frameTimes(page: Page): Promise<string> {
  const times = await page.evaluate(
    (forMs) =>
      new Promise<number[]>((resolve) => {
        const seen: number[] = [];
        let last = performance.now();
        const end = last + forMs;
        const frame = (at: number): void => {
          seen.push(at - last);
          last = at;
          scrollTo(0, (1 + Math.sin(at / 1_000)) * 1_500);
          if (at < end) requestAnimationFrame(frame);
          else resolve(seen.slice(1));
        };
        requestAnimationFrame(frame);
      }),
    seconds * 1_000,
  );
  times.sort((a, b) => a - b);
  const at = (part: number): string =>
    (times[Math.min(times.length - 1, Math.floor(part * times.length))] ?? 0).toFixed(1);
  const late = times.filter((ms) => ms > 50).length;
  return (
    `${times.length} frames in ${seconds} s: median ${at(0.5)} ms, p95 ${at(0.95)} ms, ` +
    `p99 ${at(0.99)} ms, longest ${at(1)} ms, over 50 ms ${late}`
  );
}
