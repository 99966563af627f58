// Run by Bun and Deno: the whole stack over the platform's own WebSocket, through one reconnect.
import { openWeb } from "../../packages/web/dist/index.js";

const url = (globalThis.Deno?.args ?? globalThis.process.argv.slice(2))[0];
const feed = await openWeb(url, { config: { backoff: { minMs: 10, maxMs: 100 } } });
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
console.log(JSON.stringify({ frames, epoch: feed.lifecycle.snapshot.epoch, phase: feed.lifecycle.snapshot.phase }));
