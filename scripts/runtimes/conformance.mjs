// The conformance suite of `@oath-ws/testing` over one leaf, in a runtime that takes TypeScript as
// it is (Bun, Deno).
//   conformance.mjs ws|direct|web
// Prints one object: how many cases passed and were skipped, and what failed.
import { exit } from "node:process";
import { connectorConformance } from "../../packages/testing/dist/index.js";

const [leaf] = globalThis.Deno?.args ?? globalThis.process.argv.slice(2);
// One case's listener throws on purpose, and is told of.
console.error = () => undefined;

const cases = connectorConformance(await harness());
let passed = 0;
let skipped = 0;
const failed = [];
for (const { name, run } of cases) {
  try {
    if ((await run()) === "passed") passed++;
    else skipped++;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n", 1)[0] : String(error);
    failed.push(`${name}: ${reason}`);
  }
}
console.log(JSON.stringify({ leaf, passed, skipped, failed }));
exit(0);

async function harness() {
  if (leaf === "web") {
    const { webHarness } = await import("../../packages/web/test/support/web-harness.ts");
    return () => webHarness({ WebSocket: globalThis.WebSocket });
  }
  const { wsHarness } = await import("../../packages/node/test/support/ws-harness.ts");
  const { directConnector, wsConnector } = await import("../../packages/node/src/index.ts");
  const createConnector = leaf === "ws" ? () => wsConnector() : () => directConnector();
  // Each case stops its server itself; the process ends after the last.
  return () => ({ ...wsHarness({ atEnd: () => undefined }), createConnector });
}
