import { setTimeout as pause } from "node:timers/promises";
import { startBinanceSim } from "@oath-ws/sim";
import type { BinanceSim } from "@oath-ws/sim";
import { SYMBOLS, TOPICS } from "./messages.js";
import type { OwnerOrder, ReaderOrder } from "./messages.js";
import { NatsServer } from "./nats-server.js";
import { OwnerProcess, ReaderProcess } from "./processes.js";

/** Taker orders in a tenth of a second for each symbol: with them come some 400 trades a second. */
const ORDERS_PER_STEP = 5.5;

const WAIT_MS = 30_000;

/** A venue, an engine, and the processes of one row. */
export class Scene implements AsyncDisposable {
  readonly nats: NatsServer;
  readonly venue: BinanceSim;
  readonly #parts: AsyncDisposable[] = [];

  private constructor(nats: NatsServer, venue: BinanceSim) {
    this.nats = nats;
    this.venue = venue;
  }

  static async open(seed: number): Promise<Scene> {
    const nats = await NatsServer.start();
    const market = { ordersPerStep: ORDERS_PER_STEP };
    const venue = await startBinanceSim({ symbols: SYMBOLS, market, seed });
    return new Scene(nats, venue);
  }

  async owner(order: Partial<OwnerOrder> = {}): Promise<OwnerProcess> {
    const owner = new OwnerProcess({ nats: this.nats.url, venue: this.venue.url, ...order });
    this.#parts.push(owner);
    await until(() => owner.news !== undefined, "the relay starts");
    return owner;
  }

  async reader(order: Partial<ReaderOrder> = {}): Promise<ReaderProcess> {
    const settings = { nats: this.nats.url, after: undefined, pauseMs: 10, ...order };
    const reader = new ReaderProcess(settings);
    this.#parts.push(reader);
    await until(() => reader.hasBegun, "the reader begins");
    return reader;
  }

  keep(part: AsyncDisposable): void {
    this.#parts.push(part);
  }

  /** The last ids of the venue's record. */
  lastIds(): ReadonlyMap<string, number> {
    return new Map(
      SYMBOLS.map((symbol, index) => [
        TOPICS[index] ?? "",
        this.venue.market.lastIds(symbol).tradeId,
      ]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const part of this.#parts.toReversed()) await part[Symbol.asyncDispose]();
    await this.venue.close();
    await this.nats[Symbol.asyncDispose]();
  }
}

/** Waits for a condition. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const limit = performance.now() + WAIT_MS;
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`${what}: not within ${WAIT_MS} ms`);
    await pause(10);
  }
}
