import { setTimeout as delay } from "node:timers/promises";
import { NotAvailable } from "../errors.js";
import type { Sample } from "../model.js";
import { connectMany } from "./connection.js";
import type { Connect } from "./connection.js";
import { Stopwatch } from "./meter.js";

/** Opened and closed before, so that what is loaded and compiled on first use is not counted. */
const WARM_UP = 50;

/** What open and idle connections hold after garbage collection, in bytes per connection. */
export async function measureRetained(
  connect: Connect,
  url: string,
  count: number,
): Promise<Sample> {
  const open = (one: string): ReturnType<Connect> => connect(one, () => undefined, {});
  const stopwatch = new Stopwatch();
  const warm = await connectMany(open, `${url}/warm-up`, WARM_UP);
  await Promise.all(warm.map((connection) => connection.close()));
  warm.length = 0;
  const before = await retained();
  const opened = await connectMany(open, url, count);
  const after = await retained();
  const cost = await stopwatch.stop()();
  await Promise.all(opened.map((connection) => connection.close()));
  return { ...cost, count, bytes: (after - before) / count };
}

/** Collects until weak references and what they held are gone too. */
async function retained(): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new NotAvailable("this runtime cannot be told to collect garbage");
  for (let i = 0; i < 4; i++) {
    await delay(75);
    gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
