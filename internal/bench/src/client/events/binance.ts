import { BinanceMarket } from "@oath-ws/venue-binance";
import type { DepthUpdate, Trade } from "@oath-ws/venue-binance";
import type { Subscription } from "@oath-ws/venue-kit";
import { build, nodeRuntime } from "oath-ws";
import { MIXES } from "../../venue/blocks.js";
import type { EventMeter } from "./event-meter.js";
import { idOf } from "./index.js";
import type { EventReceiver, OpenEvents } from "./index.js";

type Feed = Subscription<Trade | DepthUpdate>;

type Read = (feed: Feed, meter: EventMeter) => Promise<void>;

/** The fast way to read. */
export const openTake: OpenEvents = (url, mix, meter) =>
  openFeed(nodeRuntime, url, mix, takeAll, meter);

/** The simple way to read. */
export const openForAwait: OpenEvents = (url, mix, meter) =>
  openFeed(nodeRuntime, url, mix, iterate, meter);

/** The fast way to read, over our own codec. */
export const openDirectTake: OpenEvents = (url, mix, meter) =>
  openFeed(directRuntime, url, mix, takeAll, meter);

const directRuntime: typeof nodeRuntime = {
  ...nodeRuntime,
  build: (options) => build({ ...options, transport: "direct" }),
};

/** Defaults, but for the attempts: a benchmark connects more often than a well-behaved client. */
async function openFeed(
  runtime: typeof nodeRuntime,
  url: string,
  mix: keyof typeof MIXES,
  read: Read,
  meter: EventMeter,
): Promise<EventReceiver> {
  const market = new BinanceMarket({ runtime, url, config: { attempts: { max: 100_000 } } });
  const feed = market.subscribe(MIXES[mix].stream) as unknown as Feed;
  const reading = read(feed, meter);
  return {
    fault: () => {
      const lagged = market.connections.reduce(
        (sum, { lifecycle }) => sum + lifecycle.snapshot.totalLagged,
        0,
      );
      if (lagged + feed.discarded + feed.gapCount === 0) return undefined;
      return `${lagged} frames dropped, ${feed.discarded} events discarded, ${feed.gapCount} gaps`;
    },
    close: async () => {
      await market.shutdown();
      await reading;
    },
  };
}

async function takeAll(feed: Feed, meter: EventMeter): Promise<void> {
  while (await feed.readable()) {
    for (let event = feed.take(); event !== undefined; event = feed.take())
      meter.event(idOf(event.data));
  }
}

async function iterate(feed: Feed, meter: EventMeter): Promise<void> {
  for await (const { data } of feed) meter.event(idOf(data));
}
