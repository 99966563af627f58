import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startBinanceSim } from "@oath-ws/sim";
import type { BinanceSim } from "@oath-ws/sim";
import { parseStreamName } from "@oath-ws/venue-binance";
import type { MarketOptions, MarketPayload } from "@oath-ws/venue-binance";
import { binanceSimulator } from "../dash/simulator.js";
import { startDash } from "../dash/start-dash.js";
import type { RunningDash } from "../dash/start-dash.js";
import { parseDuration } from "../duration.js";
import { errorLine } from "../error-line.js";
import { parseListenAddress } from "../local/listen-address.js";
import type { ListenAddress } from "../local/listen-address.js";
import { MarketSession } from "../market/market-session.js";
import { marketSummaryLines } from "../market/market-summary.js";
import { Output } from "../output.js";
import { helpAsked } from "../recording/help.js";
import { recordedRuntime } from "../recording/recorded-runtime.js";
import type { RecordedRuntime } from "../recording/recorded-runtime.js";
import { stopSignal } from "../stop-signal.js";
import { followBinance } from "../venues/binance.js";
import type { OpenMarket } from "../venues/venue.js";
import { addVerdicts, Audit, verdictLine } from "./audit.js";
import type { Verdict } from "./audit.js";
import type { IdRange } from "./id-ranges.js";
import { helpOf } from "./help.js";
import { Incidents } from "./incidents.js";

export const DEMO_USAGE =
  "oath-ws demo [--for DURATION] [--record DIR] [--json] [--listen HOST:PORT]";

/** The time in which each incident happens once, unless `--for` leaves less. */
const ROUND_MS = 18_000;

/** With consecutive ids, so that each can be audited to the last event. */
const STREAMS = ["btcusdt@trade", "btcusdt@depth@100ms", "ethusdt@aggTrade"].map((name) =>
  parseStreamName(name),
);

/** What the dashboard shows beside them. They share the subscriptions of the streams above. */
const SHOWN = ["trades:BTCUSDT", "book:BTCUSDT"];

/** Events that may wait for a reader; small enough that one watches a burst overflow it. */
const MAX_EVENTS = 250;

/**
 * Runs the adapter against a simulated venue on loopback, lets things go wrong, and compares the
 * result with the venue's own record.
 */
export async function demo(args: readonly string[]): Promise<void> {
  if (helpAsked(args, helpOf(DEMO_USAGE))) return;
  const { values } = parseArgs({
    args: [...args],
    options: {
      for: { type: "string" },
      record: { type: "string" },
      json: { type: "boolean", default: false },
      listen: { type: "string", default: "127.0.0.1:0" },
    },
  });
  const address = parseListenAddress(values.listen, "--listen");
  const forMs = values.for === undefined ? undefined : parseDuration(values.for, "--for");
  const scale = Math.min(1, (forMs ?? ROUND_MS) / (ROUND_MS + 1_000));
  const output = new Output(process.stdout, values.json);
  const stop = stopSignal(forMs);
  const sim = await startBinanceSim();
  try {
    await output.show(
      () => undefined,
      () => `a simulated venue listens on ${sim.url}; Ctrl-C ends this`,
    );
    const dash = await showDash(sim, output, address);
    const recorded = values.record === undefined ? undefined : recordedDemo(values.record);
    const platform = recorded?.runtime;
    try {
      await watchMarket({ sim, output, dash, platform, signal: stop.signal, scale });
    } finally {
      await dash?.close();
      await recorded?.close();
    }
  } finally {
    stop.release();
    await sim.close();
  }
}

/** The demo runs without a dashboard where there can be none, and says why. */
async function showDash(
  sim: BinanceSim,
  output: Output,
  address: ListenAddress,
): Promise<RunningDash | undefined> {
  const tell = (url: string): Promise<void> =>
    output.show(
      () => ({ type: "dashboard", url }),
      () => `the dashboard is at ${url}`,
    );
  try {
    const simulators = [binanceSimulator(sim)];
    const dash = await startDash({ address, simulators, onAddress: (url) => void tell(url) });
    await tell(dash.url);
    return dash;
  } catch (error) {
    await output.show(
      () => ({ type: "dashboard", url: null, why: errorLine(error) }),
      () => `there is no dashboard: ${errorLine(error)}`,
    );
    return undefined;
  }
}

interface DemoParts {
  readonly sim: BinanceSim;
  readonly output: Output;
  readonly dash: RunningDash | undefined;
  /** What the market runs on. Default: the real platform. */
  readonly platform: RecordedRuntime["runtime"] | undefined;
  readonly signal: AbortSignal;
  /** Shortens every time of the demo. */
  readonly scale: number;
}

async function watchMarket(parts: DemoParts): Promise<void> {
  const { sim, output, dash, platform, signal, scale } = parts;
  const secondMs = Math.round(1_000 * scale);
  const audits = new Map(STREAMS.map((stream) => [stream.name, new Audit(stream)]));
  const published = (): ReadonlyMap<string, readonly IdRange[]> =>
    new Map(STREAMS.map(({ name }) => [name, sim.record.published(name)]));
  /**
   * What the venue had published when the end came; what follows need not be delivered any more.
   */
  let due = published();
  const incidents = new Incidents({
    faults: sim.faults,
    topics: STREAMS.map(({ name }) => name),
    output,
    roundMs: ROUND_MS * scale,
    secondMs,
    losses: () => session.summary(),
    onNote: (level, text) => dash?.watch.note(level, text),
  });
  const session = new MarketSession({
    open: openMarket(marketOptions(sim, secondMs)),
    policy: { kind: "reliable", maxEvents: MAX_EVENTS },
    ...(platform === undefined ? {} : { platform }),
    output,
    signal,
    // Order book changes are only counted.
    shows: ({ kind }) => kind !== "depth",
    onGap: (gap) => {
      audits.get(gap.topic)?.gap(gap);
      incidents.gap(gap);
    },
    onEvent: async ({ name }, event) => {
      audits.get(name)?.event(event);
      await incidents.event(event);
    },
    pace: () => incidents.pace(),
    beforeEnd: async () => {
      due = published();
      // An outage may be under way; the gap records come with the first events after it.
      const deadline = performance.now() + 5_000;
      while (verdictOf(audits, due).unaccounted > 0 && performance.now() < deadline)
        await sleep(10);
    },
  });
  const script = incidents.run(signal);
  try {
    await session.run();
  } finally {
    await script;
  }
  await sumUp(session, verdictOf(audits, due), output);
}

/** The streams of the demo, and those that only the dashboard shows. */
function openMarket(options: ReturnType<typeof marketOptions>): OpenMarket<MarketPayload> {
  const names = STREAMS.map(({ name }) => name);
  const open = followBinance([...names, ...SHOWN], options);
  return (parts) => {
    const market = open(parts);
    for (const { source } of market.streams.slice(names.length)) void readAll(source);
    return {
      streams: market.streams.slice(0, names.length),
      shutdown: () => market.shutdown(),
    };
  };
}

/** Reads to the end. A refusal shows in the reader's state. */
async function readAll(source: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _event of source);
  } catch {
    // The dashboard shows why.
  }
}

/** Records what comes over each connection of the demo. */
function recordedDemo(dir: string): RecordedRuntime {
  const streams = STREAMS.map(({ name }) => name).join(",");
  return recordedRuntime({ dir, about: { venue: "binance", streams } });
}

/** Small enough figures that one can watch what usually takes minutes and hours. */
function marketOptions(
  { url, restUrl }: BinanceSim,
  secondMs: number,
): Omit<MarketOptions, "runtime" | "onFault"> {
  return {
    url,
    restUrl,
    renewal: {
      overlapMs: secondMs / 2,
      quietMs: secondMs,
      timeoutMs: 5 * secondMs,
      retryMs: secondMs,
    },
    config: {
      backoff: { stableAfterMs: secondMs },
      liveness: {
        probeAfterMs: secondMs,
        staleAfterMs: 2 * secondMs,
        deadAfterMs: 3 * secondMs,
        // A shortened demo must not ping more often than the venue allows.
        roundTripEveryMs: Math.max(1_000, secondMs),
      },
      buffer: { maxFrames: 256 },
    },
  };
}

function verdictOf(
  audits: ReadonlyMap<string, Audit>,
  due: ReadonlyMap<string, readonly IdRange[]>,
): Verdict {
  return addVerdicts(Array.from(audits, ([name, audit]) => audit.verdict(due.get(name) ?? [])));
}

async function sumUp(
  session: MarketSession<MarketPayload>,
  verdict: Verdict,
  output: Output,
): Promise<void> {
  const summary = session.summary();
  await output.show(
    () => ({ ...summary, verified: verdict }),
    () => undefined,
  );
  for (const line of [...marketSummaryLines(summary), verdictLine(verdict)]) {
    await output.show(
      () => undefined,
      () => line,
    );
  }
  const { unaccounted, repeated } = verdict;
  if (unaccounted > 0 || repeated > 0)
    throw new Error(`${unaccounted} ids are unaccounted for, ${repeated} events came twice`);
}
