// Takes the picture of the README: `npm run screenshot`. The demo runs through its four incidents,
// and the picture is of the dashboard after them.
import { join } from "node:path";
import { startBrowser } from "./browser.js";
import { Program, ROOT } from "./program.js";

const file = join(ROOT, "docs/dashboard.png");

await using demo = Program.oathWs("demo");
const browser = await startBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1360, height: 1240 } });
  await page.goto(await demo.address());
  await page.getByText(/a burst of 4000 events .* over after/).waitFor({ timeout: 60_000 });
  // The buffers are empty again and the connection goes on.
  await page.waitForTimeout(3_000);
  await page.screenshot({ path: file });
} finally {
  await browser.close();
}
console.log(`written: ${file}`);
