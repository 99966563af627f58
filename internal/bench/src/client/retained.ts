import type { Retained } from "../protocol.js";
import { collectGarbage } from "./collect-garbage.js";
import type { OpenIdle } from "./idle/index.js";
import { openMany } from "./open-many.js";

/**
 * Connections opened and closed beforehand, so that what is loaded and compiled on first use is not
 * counted as retained.
 */
const WARM_UP = 50;

/** What `connections` open and idle connections hold, per connection. */
export async function measureRetained(
  openIdle: OpenIdle,
  url: string,
  connections: number,
): Promise<Retained> {
  const closers = await openMany(openIdle, `${url}/warm-up`, WARM_UP);
  await Promise.all(closers.map((close) => close()));
  closers.length = 0;
  const before = await settledUsage();
  closers.push(...(await openMany(openIdle, url, connections)));
  const after = await settledUsage();
  const per = (key: keyof NodeJS.MemoryUsage): number => (after[key] - before[key]) / connections;
  const retained = {
    heap: per("heapUsed"),
    external: per("external"),
    arrayBuffers: per("arrayBuffers"),
    rss: per("rss"),
  };
  await Promise.all(closers.map((close) => close()));
  return retained;
}

/** Collects until weak references and what they held are gone too. */
async function settledUsage(): Promise<NodeJS.MemoryUsage> {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => {
      setTimeout(resolve, 75);
    });
    collectGarbage();
  }
  return process.memoryUsage();
}
