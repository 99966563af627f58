// A thread of a batch: runs the seeds that it is told, and tells each result.
import { parentPort } from "node:worker_threads";
import { runSeed } from "./seed-result.js";
import type { SeedOrder } from "./seed-result.js";

// Errors are expected, and their stacks cost much of a run.
Error.stackTraceLimit = 0;
const port = parentPort;
if (port === null) throw new Error("worker.js is started by the simulate command");

port.on("message", (order: SeedOrder) => {
  void runAll(order);
});

async function runAll({ half, seeds, without }: SeedOrder): Promise<void> {
  for (const seed of seeds) port?.postMessage(await runSeed(half, seed, without));
  port?.postMessage("done");
}
