// Run by every runtime: the whole stack over one leaf, through one reconnect, against a simulated
// venue.
//   leaf-smoke.mjs web|ws|direct URL
import { exit } from "node:process";
import { readThroughReconnect } from "./read-through-reconnect.mjs";

const [leaf, url] = globalThis.Deno?.args ?? globalThis.process.argv.slice(2);
const config = { backoff: { minMs: 10, maxMs: 100 } };
console.log(JSON.stringify({ leaf, ...(await readThroughReconnect(await connect())) }));

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
