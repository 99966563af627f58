import { afterEach } from "vitest";
import { type BinanceSim, type BinanceSimOptions, startBinanceSim } from "../../src/index.js";
import { Client } from "./client.js";

const running: BinanceSim[] = [];
const clients: Client[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.drop();
  await Promise.all(running.splice(0).map((sim) => sim.close()));
});

/**
 * A simulator that is ended after the test. The market moves only by hand unless told otherwise.
 */
export async function sim(options: BinanceSimOptions = {}): Promise<BinanceSim> {
  const started = await startBinanceSim({
    ...options,
    market: { auto: false, startTimeMs: 1_700_000_000_000, ...options.market },
  });
  running.push(started);
  return started;
}

/** A client that is ended after the test. */
export async function client(
  url: string,
  options?: ConstructorParameters<typeof Client>[1],
): Promise<Client> {
  const opened = await Client.open(url, options);
  clients.push(opened);
  return opened;
}

/** An event of a stream, as far as the tests look at it. */
export interface DepthEvent {
  readonly U: number;
  readonly u: number;
  readonly b: readonly (readonly [string, string])[];
  readonly a: readonly (readonly [string, string])[];
}

/** A book as a client keeps it. */
export class ClientBook {
  readonly bids: Map<string, string>;
  readonly asks: Map<string, string>;
  id: number;

  constructor(snapshot: {
    lastUpdateId: number;
    bids: readonly (readonly string[])[];
    asks: readonly (readonly string[])[];
  }) {
    this.id = snapshot.lastUpdateId;
    this.bids = new Map(snapshot.bids.map(([price = "", quantity = ""]) => [price, quantity]));
    this.asks = new Map(snapshot.asks.map(([price = "", quantity = ""]) => [price, quantity]));
  }

  /** Applies an event by the rule of B-20; throws where events are missing. */
  apply(event: DepthEvent): void {
    if (event.u <= this.id) return;
    if (event.U > this.id + 1) throw new Error(`missed events ${this.id + 1} to ${event.U - 1}`);
    for (const [side, levels] of [
      [this.bids, event.b],
      [this.asks, event.a],
    ] as const) {
      for (const [price, quantity] of levels) {
        if (Number(quantity) === 0) side.delete(price);
        else side.set(price, quantity);
      }
    }
    this.id = event.u;
  }

  /** Both sides, best first. */
  sorted(): { bids: [string, string][]; asks: [string, string][] } {
    const by = (sign: number, side: Map<string, string>): [string, string][] =>
      [...side].sort(([one], [other]) => sign * (Number(one) - Number(other)));
    return { bids: by(-1, this.bids), asks: by(1, this.asks) };
  }
}
