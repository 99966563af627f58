import { serve } from "../child.js";
import { monotonicNs } from "../clock.js";
import type { Client, EventKind, Sample } from "../model.js";
import { IN_FLIGHT } from "../model.js";
import { payload, readStamp } from "../payload.js";
import { connectMany, loadConnect } from "./connection.js";
import type { Connect, Connection, ConnectOptions, Sink } from "./connection.js";
import { FrameMeter, Stopwatch, watchCollector } from "./meter.js";
import type { Expectation } from "./meter.js";
import { measureRetained } from "./retained.js";

/** What the parent asks of a measured process. */
export interface ClientApi {
  /** Opens connections to `url/0`, `url/1` and so on, which last until {@link close}. */
  open(order: OpenOrder): Promise<void>;
  close(_: null): Promise<void>;
  /** Begins a round in which the feeder sends frames on the open connections. */
  arm(expected: Expectation): Promise<void>;
  /** Begins a round in which the feeder sends events on a connection of its own. */
  subscribe(order: { readonly url: string; readonly event: EventKind }): Promise<void>;
  /** The round that was begun, once it is complete. */
  result(_: null): Promise<Sample>;
  echo(order: { readonly size: number; readonly count: number }): Promise<Sample>;
  send(order: { readonly size: number; readonly count: number }): Promise<SentSample>;
  reset(order: { readonly url: string; readonly count: number }): Promise<Sample>;
  idle(order: { readonly url: string; readonly count: number }): Promise<Sample>;
}

export interface OpenOrder extends ConnectOptions {
  readonly url: string;
  readonly connections: number;
}

/** When the first call was made, on the clock that all processes share. */
export interface SentSample extends Sample {
  readonly startedAtNs: number;
}

interface Round {
  readonly meter: { result(): Promise<Sample> };
  readonly complete: Promise<void>;
  /** Why the round does not count. */
  fault(): string | undefined;
  close(): Promise<void>;
}

/** A measured process: one client, told again and again what to do. */
export function serveClient(client: Client): void {
  watchCollector();
  // V8 limits memory outside the heap only after its first collection of the old generation, to
  // which a small program may never come. Bun has no such function.
  globalThis.gc?.();
  let connections: Connection[] = [];
  let round: Round | undefined;
  let sink: Sink = () => undefined;
  const toSink: Sink = (data) => sink(data);
  const fault = (): string | undefined =>
    connections.map((connection) => connection.fault()).find((found) => found !== undefined);
  const begin = <M extends Round["meter"]>(create: (done: () => void) => M): [M, Promise<void>] => {
    let done = (): void => undefined;
    const complete = new Promise<void>((resolve) => {
      done = resolve;
    });
    return [create(() => done()), complete];
  };
  const first = (): Connection => {
    const [connection] = connections;
    if (connection === undefined) throw new Error("no connection is open");
    return connection;
  };
  let loading: Promise<Connect> | undefined;
  const load = (): Promise<Connect> => (loading ??= loadConnect(client));

  serve<ClientApi>({
    open: async ({ url, connections: count, ...options }) => {
      const connect = await load();
      connections = await connectMany((one) => connect(one, toSink, options), url, count);
    },
    close: async () => {
      await Promise.all(connections.map((connection) => connection.close()));
      connections = [];
    },
    arm: async (expected) => {
      const [meter, complete] = begin((done) => new FrameMeter(expected, done));
      sink = (data) => meter.frame(data);
      round = { meter, complete, fault, close: async () => undefined };
    },
    subscribe: async ({ url, event }) => {
      const { EventMeter, subscribeAdapter, subscribeWs } = await import("./events.js");
      const [meter, complete] = begin((done) => new EventMeter(event, done));
      const receiver =
        client.kind === "adapter"
          ? await subscribeAdapter(client, url, event, meter)
          : await subscribeWs(url, event, meter);
      round = {
        meter,
        complete,
        fault: () => receiver.fault(),
        close: () => receiver.close(),
      };
    },
    result: async () => {
      if (round === undefined) throw new Error("no round was begun");
      await round.complete;
      const sample = await round.meter.result();
      const why = round.fault();
      await round.close();
      if (why !== undefined) throw new Error(why);
      return sample;
    },
    echo: async ({ size, count }) => {
      const connection = first();
      const text = payload(size).toString("latin1");
      const [meter, complete] = begin(
        (done) => new FrameMeter({ count, size, isStamped: false }, done),
      );
      let left = count;
      sink = (data) => {
        meter.frame(data);
        if (--left > 0) connection.send(text);
      };
      connection.send(text);
      await complete;
      return meter.result();
    },
    send: async ({ size, count }) => {
      const connection = first();
      const text = payload(size).toString("latin1");
      const startedAtNs = monotonicNs();
      const stopwatch = new Stopwatch();
      for (let sent = 0; sent < count; sent += IN_FLIGHT)
        await connection.sendAll(text, Math.min(IN_FLIGHT, count - sent));
      return { ...(await stopwatch.stop()()), count, startedAtNs };
    },
    reset: async ({ url, count }) => measureResets(await load(), url, count),
    idle: async ({ url, count }) => measureRetained(await load(), url, count),
  });
}

/**
 * Has the connection reset so many times. Each frame says when the connection before it was reset;
 * the first says 0.
 */
async function measureResets(connect: Connect, url: string, count: number): Promise<Sample> {
  const stopwatch = new Stopwatch();
  const tookUs: number[] = [];
  let connection: Connection | undefined;
  let isWaiting = false;
  const next = (): void => {
    isWaiting = connection === undefined;
    connection?.send("reset");
  };
  await new Promise<void>((resolve, reject) => {
    const sink: Sink = (data) => {
      const stamp = typeof data === "string" ? 0 : readStamp(data);
      if (stamp > 0) tookUs.push((monotonicNs() - stamp) / 1e3);
      if (tookUs.length === count) resolve();
      else next();
    };
    connect(url, sink, { resets: true }).then((opened) => {
      connection = opened;
      if (isWaiting) next();
    }, reject);
  });
  const cost = await stopwatch.stop()();
  await connection?.close();
  const sorted = tookUs.toSorted((a, b) => a - b);
  return { ...cost, count, p50Us: sorted[count >> 1] ?? Number.NaN };
}
