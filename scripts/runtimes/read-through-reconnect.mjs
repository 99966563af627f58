/**
 * Reads numbered trades of the simulated venue through one reconnect, then shuts the connection
 * down. Throws for a hole.
 */
export async function readThroughReconnect(feed) {
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
  return { frames, epoch, phase };
}
