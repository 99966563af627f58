// Run by every runtime: the whole stack over one leaf, through one reconnect, against a simulated
// venue.
//   leaf-smoke.mjs web|ws|direct URL
import { exit } from "node:process";

const [leaf, url] = globalThis.Deno?.args ?? globalThis.process.argv.slice(2);
const config = { backoff: { minMs: 10, maxMs: 100 } };
const feed = await connect();
let frames = 0;
let last = 0;
for await (const { seq, epoch } of feed.source) {
  if (seq !== last + 1) throw new Error(`frame ${seq} came after ${last}`);
  last = seq;
  frames++;
  if (frames === 20) feed.trigger.forceReconnect("to see the next epoch");
  if (epoch === 2 && frames >= 40) break;
}
await feed.control.shutdown();
const { epoch, phase } = feed.lifecycle.snapshot;
console.log(JSON.stringify({ leaf, frames, epoch, phase }));

async function connect() {
  if (leaf === "web") {
    const { openWeb } = await import("../../packages/web/dist/index.js");
    return openWeb(url, { config });
  }
  const { isConfigError, open } = await import("../../packages/node/dist/index.js");
  try {
    return await open(url, { config, transport: leaf });
  } catch (error) {
    if (!isConfigError(error)) throw error;
    // Said before anything was dialled: that is what this runtime does not allow, and no fault of
    // the run.
    console.log(JSON.stringify({ leaf, refused: error.message }));
    return exit(0);
  }
}
