import { BinanceMarket } from "@oath-ws/venue-binance";
import type { DepthUpdate, Trade } from "@oath-ws/venue-binance";
import type { Subscription } from "@oath-ws/venue-kit";
import { build, nodeRuntime } from "oath-ws";
import type { EventEncoding } from "../../rows.js";
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

/** The same events in SBE, the fast way. */
export const openSbeTake: OpenEvents = (url, mix, meter) =>
  openFeed(nodeRuntime, url, mix, takeAll, meter, "sbe");

/** The same over our own codec. */
export const openSbeDirectTake: OpenEvents = (url, mix, meter) =>
  openFeed(directRuntime, url, mix, takeAll, meter, "sbe");

const directRuntime: typeof nodeRuntime = {
  ...nodeRuntime,
  build: (options) => build({ ...options, transport: "direct" }),
};

/**
 * Defaults, but for two: a benchmark connects more often than a well-behaved client, and a whole
 * flood of SBE fits into the sockets' buffers, so that it comes faster than any reader takes it.
 */
const CONFIG = { attempts: { max: 100_000 }, buffer: { maxFrames: 200_000 } };

async function openFeed(
  runtime: typeof nodeRuntime,
  url: string,
  mix: keyof typeof MIXES,
  read: Read,
  meter: EventMeter,
  encoding: EventEncoding = "json",
): Promise<EventReceiver> {
  const isSbe = encoding === "sbe";
  const market = new BinanceMarket({
    runtime,
    url,
    encoding,
    apiKey: isSbe ? "benchmark" : undefined,
    config: CONFIG,
  });
  const { stream, sbeStream } = MIXES[mix];
  const feed = market.subscribe(isSbe ? sbeStream : stream) as unknown as Feed;
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
