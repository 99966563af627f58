import type { Reply } from "./handler.js";
import type { Meter } from "./metered-sink.js";
import type { Receiver } from "./receiver.js";

/**
 * Connects, says so, waits until the meter has seen enough, and hangs up. Throws when the repeat
 * does not count.
 */
export async function measured<M extends Meter>(
  open: (meter: M) => Promise<Receiver>,
  reply: Reply,
  create: (done: () => void) => M,
): Promise<M> {
  let resolveDone = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    resolveDone = resolve;
  });
  const meter = create(resolveDone);
  const receiver = await open(meter);
  reply({ kind: "ready" });
  await done;
  // Whatever is behind the last frame comes now.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  const fault = receiver.fault() ?? meter.fault;
  await receiver.close();
  if (fault !== undefined) throw new Error(fault);
  return meter;
}
