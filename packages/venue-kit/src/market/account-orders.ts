import type { Timer } from "@oath-ws/contract";
import type { TopicReader } from "../topic/topic-reader.js";
import { MarketReader } from "./market-reader.js";
import { marketSource } from "./market-source.js";
import type { OrderEvent } from "./model.js";

/**
 * An account's stream as order events. It takes the stream's updates: read either this or the
 * stream itself.
 *
 * @param close gives the stream back, where this reader owns it. Default: it goes on
 */
export function orderReader<P, E extends OrderEvent>(
  venue: string,
  timer: Timer,
  updates: TopicReader<P>,
  map: (payload: P, emit: (event: E) => void) => void,
  close: () => void = () => undefined,
): MarketReader<E> {
  return new MarketReader<E>({
    kind: "orders",
    sources: [marketSource<P, E>(venue, updates, { kind: "many", map }, close)],
    policy: "reliable",
    now: () => timer.now(),
  });
}
