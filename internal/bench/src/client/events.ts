import { BinanceMarket } from "@oath-ws/venue-binance";
import type { BookTicker, DepthUpdate, PriceLevel, Trade } from "@oath-ws/venue-binance";
import type { Subscription } from "@oath-ws/venue-kit";
import { build, nodeRuntime } from "oath-ws";
import { WebSocket } from "ws";
import { EVENTS } from "../feeder/events.js";
import type { Client, EventKind, Sample } from "../model.js";
import { Stopwatch } from "./meter.js";

/** A client of the venue that delivers every payload of one stream into a meter. */
interface EventReceiver {
  fault(): string | undefined;
  close(): Promise<void>;
}

/**
 * Reads the id and every price and quantity of an event, as strings, whatever the client: one that
 * decodes late does not get away with it. Ids must follow each other.
 */
export class EventMeter {
  readonly #event: EventKind;
  readonly #done: () => void;
  readonly #stopwatch = new Stopwatch();
  #stopped: ReturnType<Stopwatch["stop"]> | undefined;
  #last = 0;
  #characters = 0;
  #disorder: string | undefined;

  constructor(event: EventKind, done: () => void) {
    this.#event = event;
    this.#done = done;
  }

  payload(data: unknown): void {
    if (this.#last === 0) this.#stopwatch.start();
    const id = this.#read(data);
    if (id !== this.#last + 1) this.#disorder ??= `event ${id} came after ${this.#last}`;
    this.#last = id;
    if (id !== EVENTS[this.#event].count) return;
    this.#stopped = this.#stopwatch.stop();
    this.#done();
  }

  async result(): Promise<Sample> {
    if (this.#stopped === undefined) throw new Error("the round is not complete");
    if (this.#disorder !== undefined) throw new Error(this.#disorder);
    return { ...(await this.#stopped()), count: this.#last, characters: this.#characters };
  }

  #read(data: unknown): number {
    switch (this.#event) {
      case "trade": {
        const { t, p, q } = data as Trade;
        this.#characters += p.length + q.length;
        return t;
      }
      case "bookTicker": {
        const { u, b, B, a, A } = data as BookTicker;
        this.#characters += b.length + B.length + a.length + A.length;
        return u;
      }
      case "depth": {
        const { u, b, a } = data as DepthUpdate;
        this.#characters += charactersOf(b) + charactersOf(a);
        return u;
      }
      default:
        return this.#event satisfies never;
    }
  }
}

function charactersOf(levels: readonly PriceLevel[]): number {
  let characters = 0;
  for (const [price, quantity] of levels) characters += price.length + quantity.length;
  return characters;
}

/** What one writes by hand: a listener and `JSON.parse`. */
export async function subscribeWs(
  url: string,
  event: EventKind,
  meter: EventMeter,
): Promise<EventReceiver> {
  const ws = new WebSocket(`${url}/stream`, { perMessageDeflate: false });
  ws.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { readonly data?: unknown };
    if (message.data !== undefined) meter.payload(message.data);
  });
  ws.on("open", () =>
    ws.send(JSON.stringify({ method: "SUBSCRIBE", params: [EVENTS[event].json], id: 1 })),
  );
  return {
    fault: () => (ws.readyState === WebSocket.OPEN ? undefined : "the connection was lost"),
    close: async () => ws.terminate(),
  };
}

/**
 * Defaults, but for two: a benchmark connects more often than a well-behaved client, and a whole
 * round of SBE fits into the sockets' buffers, so that it comes faster than a reader takes it.
 */
const CONFIG = { attempts: { max: 100_000 }, buffer: { maxFrames: 200_000 } };

/** The adapter over the direct transport. */
export async function subscribeAdapter(
  { encoding, reads }: Extract<Client, { readonly kind: "adapter" }>,
  url: string,
  event: EventKind,
  meter: EventMeter,
): Promise<EventReceiver> {
  const market = new BinanceMarket({
    runtime: { ...nodeRuntime, build: (options) => build({ ...options, transport: "direct" }) },
    url,
    encoding,
    apiKey: encoding === "sbe" ? "benchmark" : undefined,
    config: CONFIG,
  });
  const feed: Subscription<unknown> = market.subscribe(EVENTS[event][encoding]);
  const reading = reads === "take" ? takeAll(feed, meter) : iterate(feed, meter);
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

async function takeAll(feed: Subscription<unknown>, meter: EventMeter): Promise<void> {
  while (await feed.readable()) {
    for (let event = feed.take(); event !== undefined; event = feed.take())
      meter.payload(event.data);
  }
}

async function iterate(feed: Subscription<unknown>, meter: EventMeter): Promise<void> {
  for await (const { data } of feed) meter.payload(data);
}
