import type { Child } from "./child.js";
import type { ClientApi, OpenOrder } from "./client/serve.js";
import type { FeederApi } from "./feeder/serve.js";
import { EVENTS } from "./feeder/events.js";
import { NotAvailable } from "./errors.js";
import type { Client, Sample, Work } from "./model.js";
import { TRADE_BYTES } from "./model.js";

/** How often and how long one kind of work is measured. */
export interface Effort {
  /** Pairs of fresh processes: what a process is born with differs from one to the next. */
  readonly processes: number;
  /** Rounds of each pair that do not count. */
  readonly warmUps: number;
  /** Rounds of each pair that do. */
  readonly rounds: number;
  /** How long a round takes, about, where the work can be sized. */
  readonly roundMs: number;
}

const USUAL: Effort = { processes: 2, warmUps: 3, rounds: 6, roundMs: 150 };

/** A full run. */
export const EFFORT: Readonly<Record<Work["kind"], Effort>> = {
  flood: USUAL,
  events: { ...USUAL, warmUps: 2, rounds: 5 },
  // A thousand frames at the slower pace, so that ten lie beyond the 99th percentile.
  latency: { processes: 2, warmUps: 1, rounds: 5, roundMs: 1_200 },
  spread: { processes: 2, warmUps: 2, rounds: 5, roundMs: 300 },
  echo: USUAL,
  send: USUAL,
  // A heap does not forget.
  idle: { processes: 3, warmUps: 0, rounds: 1, roundMs: 0 },
  reset: { processes: 2, warmUps: 2, rounds: 5, roundMs: 0 },
};

/** One side of a pair: a process with its client, and what the feeder knows it by. */
export interface Side {
  readonly client: Client;
  readonly child: Child<ClientApi>;
  readonly work: Work;
  /** No other connection has it. */
  readonly path: string;
}

/** The feeder process, and its addresses. */
export interface Feeder {
  readonly child: Child<FeederApi>;
  readonly ws: string;
  readonly wss: string | undefined;
}

const RESETS = 30;

/** How much the first round does, when it is not known yet how fast a side is. */
export function firstCount(work: Work): number {
  switch (work.kind) {
    case "flood":
      return Math.max(40, Math.min(100_000, Math.floor((96 * 1024 * 1024) / work.size)));
    case "events":
      return EVENTS[work.event].count;
    case "latency":
      return work.perSecond;
    case "spread":
      return 1_000 * work.framesPerWrite;
    case "echo":
      return 2_000;
    case "send":
      return 50_000;
    case "idle":
      return work.connections;
    case "reset":
      return RESETS;
    default:
      return work satisfies never;
  }
}

/** How much a round does after one that did `count` in `elapsedMs`. */
export function nextCount(work: Work, sample: Sample, roundMs: number): number {
  switch (work.kind) {
    case "flood":
    case "echo":
    case "send":
      return Math.max(20, Math.round((sample.count / sample.elapsedMs) * roundMs));
    case "latency":
      return Math.round((work.perSecond * roundMs) / 1e3);
    case "spread":
      return Math.round((work.writesPerSecond * roundMs) / 1e3) * work.framesPerWrite;
    case "events":
    case "idle":
    case "reset":
      return firstCount(work);
    default:
      return work satisfies never;
  }
}

/** Opens the connections that last for all rounds, where the work has such, and warms them up. */
export async function prepare(side: Side, feeder: Feeder): Promise<void> {
  const { work } = side;
  switch (work.kind) {
    case "flood":
      await open(side, feeder, { connections: 1, deflate: work.deflate === true });
      // Large frames are too few for the compiler to have seen what each of them goes through.
      if (work.size > 1_024) await flood(side, feeder, TRADE_BYTES, 100_000);
      return;
    case "latency":
      await open(side, feeder, { connections: 1 });
      await flood(side, feeder, TRADE_BYTES, 100_000);
      return;
    case "echo":
      await open(side, feeder, { connections: 1 });
      return;
    case "spread":
      await open(side, feeder, { connections: work.connections });
      return;
    case "events":
    case "send":
    case "idle":
    case "reset":
      return;
    default:
      work satisfies never;
  }
}

/** One round of the work: what the client and the feeder do together. */
export async function once(side: Side, feeder: Feeder, count: number): Promise<Sample> {
  const { client, child, work, path } = side;
  switch (work.kind) {
    case "flood":
      return flood(side, feeder, work.size, count);
    case "latency":
      return fed(side, { count, size: TRADE_BYTES, isStamped: true }, () =>
        feeder.child.call("pace", { path: `${path}/0`, perSecond: work.perSecond, count }),
      );
    case "spread":
      return fed(side, { count, size: TRADE_BYTES, isStamped: false }, () =>
        feeder.child.call("spread", { ...work, path, count }),
      );
    case "events": {
      await child.call("subscribe", { url: feeder.ws, event: work.event });
      const encoding = client.kind === "adapter" ? client.encoding : "json";
      const written = feeder.child.call("events", { event: work.event, encoding });
      const [sample] = await Promise.all([child.call("result", null), written]);
      return sample;
    }
    case "echo":
      return child.call("echo", { size: work.size, count });
    case "send":
      return send(side, feeder, work.size, count);
    case "idle":
      return child.call("idle", { url: feeder.ws + path, count });
    case "reset":
      return child.call("reset", { url: `${feeder.ws}/greet${path}`, count });
    default:
      return work satisfies never;
  }
}

async function open(
  { child, work, path }: Side,
  feeder: Feeder,
  order: Omit<OpenOrder, "url">,
): Promise<void> {
  const isSecure = "tls" in work && work.tls;
  const base = isSecure ? feeder.wss : feeder.ws;
  if (base === undefined) throw new NotAvailable("TLS needs the openssl command");
  const url = base + (work.kind === "echo" ? `/echo${path}` : path);
  await child.call("open", { ...order, url });
}

function flood(side: Side, feeder: Feeder, size: number, count: number): Promise<Sample> {
  const { work, path } = side;
  const deflate = work.kind === "flood" && work.deflate === true;
  return fed(side, { count, size, isStamped: false }, () =>
    feeder.child.call("flood", { path: `${path}/0`, size, deflate, count }),
  );
}

/** A round in which the feeder sends what the client expects. */
async function fed(
  { child }: Side,
  expected: Parameters<ClientApi["arm"]>[0],
  feed: () => Promise<void>,
): Promise<Sample> {
  await child.call("arm", expected);
  const [sample] = await Promise.all([child.call("result", null), feed()]);
  return sample;
}

/** Time goes from the first call to the arrival of the last byte in the other process. */
async function send(side: Side, feeder: Feeder, size: number, count: number): Promise<Sample> {
  const { child, path } = side;
  await child.call("open", { url: feeder.ws + path, connections: 1 });
  const bytes = count * ((size < 126 ? 2 : size < 65_536 ? 4 : 10) + 4 + size);
  await feeder.child.call("count", { path: `${path}/0`, bytes });
  const [{ startedAtNs, ...sample }, atNs] = await Promise.all([
    child.call("send", { size, count }),
    feeder.child.call("counted", { path: `${path}/0` }),
  ]);
  await child.call("close", null);
  return { ...sample, elapsedMs: Math.max((atNs - startedAtNs) / 1e6, sample.elapsedMs) };
}
