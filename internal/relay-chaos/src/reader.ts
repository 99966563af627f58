import { setTimeout as pause } from "node:timers/promises";
import { fromRelay } from "@oath-ws/relay";
import type { RelayConnection } from "@oath-ws/relay";
import type { Timer } from "oath-ws";
import type { Subscription } from "@oath-ws/venue-kit";
import { SHARD, TOPICS } from "./messages.js";
import type { ReaderNews, ReaderOrder } from "./messages.js";

/** Reads the relay until the process ends, and tells of each turn. */
export async function readOn(
  { nats, after, pauseMs }: ReaderOrder,
  timer: Timer,
  tell: (news: ReaderNews) => void,
): Promise<never> {
  const line = await fromRelay({ nats, shard: SHARD, after, timer });
  const subscriptions = TOPICS.map((topic) =>
    line.subscribe<{ readonly t: number }>(topic, {
      // A slow reader is to wait for its engine, and not to hold much.
      policy: { kind: "reliable", maxEvents: pauseMs > 50 ? 500 : 10_000 },
    }),
  );
  const told = new Map<string, number>();
  for (;;) {
    tell(turn(line, subscriptions, told, pauseMs > 50 ? 20 : Number.POSITIVE_INFINITY));
    await pause(pauseMs);
  }
}

function turn(
  line: RelayConnection,
  subscriptions: readonly Subscription<{ readonly t: number }>[],
  told: Map<string, number>,
  most: number,
): ReaderNews {
  const ids: Record<string, number[]> = {};
  const gaps: ReaderNews["gaps"][number][] = [];
  for (const subscription of subscriptions) {
    const { topic } = subscription;
    const read: number[] = [];
    for (let left = most; left > 0; left--) {
      const event = subscription.take();
      if (event === undefined) break;
      read.push(event.data.t);
    }
    if (read.length > 0) ids[topic] = read;
    const fresh = subscription.gapCount - (told.get(topic) ?? 0);
    told.set(topic, subscription.gapCount);
    if (fresh > 0)
      for (const { fromSeq, toSeq, reason } of subscription.gaps.slice(-fresh))
        gaps.push({ topic, fromSeq, toSeq, reason });
  }
  const { phase, totalLagged } = line.lifecycle.snapshot;
  const { position, repeated } = line;
  return { ids, gaps, position, phase, totalLagged, repeated };
}
