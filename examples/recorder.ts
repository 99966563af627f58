// Records a feed through a reset, then reads the recording and counts what it holds.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { record, readRecording } from "@oath-ws/recorder";
import { startBinanceSim } from "@oath-ws/sim";
import { open } from "oath-ws";

await using sim = await startBinanceSim({ symbols: ["BTCUSDT"], market: { stepMs: 10 } });
const dir = await mkdtemp(join(tmpdir(), "oath-ws-recorder-"));

await using feed = await open(`${sim.url}/ws/btcusdt@trade`);
const recording = record(feed, { dir, about: { stream: "btcusdt@trade" } });
await sim.waitFor(({ eventsSent }) => eventsSent >= 10);
sim.faults.dropConnections();
await sim.waitFor(({ open, connects }) => open === 1 && connects.length === 2);
const { eventsSent: before } = sim.stats();
await sim.waitFor(({ eventsSent }) => eventsSent >= before + 10);
await feed.control.shutdown();
const stats = await recording;
if (stats.error !== undefined) throw stats.error; // DISK_FULL or WRITE_FAILED

const files = (await readdir(dir)).sort().map((name) => join(dir, name));
const frames = new Map<number, number>();
for await (const entry of readRecording(files)) {
  if (entry.type !== "frame") continue;
  const { epoch = 0 } = entry;
  frames.set(epoch, (frames.get(epoch) ?? 0) + 1);
}
for (const [epoch, count] of frames) console.log(`epoch ${epoch}: ${count} frames`);
console.log(`unwritten: ${stats.unwritten}`);
await rm(dir, { recursive: true });
