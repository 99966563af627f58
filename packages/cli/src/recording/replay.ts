import { parseArgs } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import { replayConnector } from "@oath-ws/recorder";
import type { ReplayConnector } from "@oath-ws/recorder";
import { stack } from "@oath-ws/resilience";
import { mergeConfig } from "@oath-ws/venue-kit";
import type { PartialConfig, ReconnectingConnector } from "oath-ws";
import { nodeRuntime, WsError } from "oath-ws";
import { nodeBind, nodeNewId, nodeRandom, nodeSpawn, nodeTimer } from "oath-ws/leaf";
import type { ConnectorSettings } from "@oath-ws/venue-kit";
import { Output } from "../output.js";
import { untilStopped } from "../stop-signal.js";
import { follow } from "../url-tail.js";
import { UsageError } from "../usage-error.js";
import { followMarket, prepareVenue } from "../venue-tail.js";
import type { OpenMarket } from "../venues/venue.js";
import { helpAsked } from "./help.js";

export const REPLAY_USAGE: string =
  "oath-ws replay FILE... [--speed N|max] [--venue NAME --streams STREAM[,STREAM...]] " +
  "[--raw] [--json]";

const HELP = `${REPLAY_USAGE}

Replays the files of a connection through the real stack, and through the venue's adapter where the
recording names one (record --venue does), and prints what tail would have printed. --raw leaves the
adapter out. A recording holds no REST answers: a book of Binance cannot be replayed.

Examples:
  oath-ws replay rec/stream.binance.com_9443.20261130.0001.jsonl --speed max
  oath-ws replay rec/*.jsonl.gz --speed 10 --json
  oath-ws replay other.gz --raw

Exit codes: 0 replayed; 1 a file cannot be read, or a stream was refused; 2 the command line was not
understood.
`;

/** Where nothing arrives for so long, in milliseconds, everything was read. */
const IDLE_MS = 100;

/** Replays a recording, printed like `tail`. */
export async function replayCommand(args: readonly string[]): Promise<void> {
  if (helpAsked(args, HELP)) return;
  const { values, positionals: files } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      speed: { type: "string", default: "1" },
      venue: { type: "string" },
      streams: { type: "string" },
      raw: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
    },
  });
  if (files.length === 0) throw new UsageError(`usage: ${REPLAY_USAGE}`);
  const speed = values.speed === "max" ? "max" : Number(values.speed);
  const leaf = await replayConnector(files, { timer: nodeTimer, speed });
  for (const { file, line, reason } of leaf.malformed)
    process.stderr.write(`oath-ws: ${file}:${line}: ${reason}\n`);
  if (leaf.epochs === 0) throw new Error("no recorded connection is in what was given");
  const { about } = leaf;
  const { venue = about["venue"], streams = about["streams"] } = values;
  const output = new Output(process.stdout, values.json);
  await untilStopped(undefined, async (signal) => {
    if (values.raw || venue === undefined) return replayRaw(leaf, output, signal);
    const encoding = about["encoding"];
    const names = streams === undefined ? [] : [streams];
    // Never dialled: every dial goes to the recording.
    const url = "ws://recording.invalid";
    const options = { venue, sim: false, url, keyFile: undefined, encoding, names };
    const { open } = await prepareVenue(options);
    await replayVenue(leaf, open, output, signal);
  });
}

async function replayRaw(
  leaf: ReplayConnector,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const handshake = { url: "ws://recording.invalid", protocols: [], headers: {} };
  const connection = await connectorOver(leaf, {}).connect(handshake, { awaitFirst: false });
  const shutdown = (): void => void connection.control.shutdown();
  signal.addEventListener("abort", shutdown);
  void leaf.ended.then(shutdown);
  await follow(connection, [], output);
}

async function replayVenue(
  leaf: ReplayConnector,
  open: OpenMarket<unknown>,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const end = new AbortController();
  signal.addEventListener("abort", () => end.abort());
  let events = 0;
  void (async () => {
    await leaf.ended;
    for (let before = -1; before !== events; ) {
      before = events;
      await sleep(IDLE_MS);
    }
    end.abort();
  })();
  await followMarket(open, output, end.signal, {
    platform: replayPlatform(leaf),
    onEvent: () => {
      events++;
      return Promise.resolve();
    },
  });
}

/** What an adapter needs of the platform, where every dial goes to the recording. */
export function replayPlatform(leaf: ReplayConnector): typeof nodeRuntime {
  return {
    ...nodeRuntime,
    build: (settings) => connectorOver(leaf, settings ?? {}),
    fetch: () => Promise.reject(noRest()),
  };
}

/** The recording says when connections come: the stack neither pauses nor counts attempts. */
const AT_ONCE: PartialConfig = {
  backoff: { firstMs: 0, minMs: 1, maxMs: 1 },
  attempts: { max: 1_000, windowMs: 1_000 },
};

function connectorOver(
  leaf: ReplayConnector,
  { config, auth, classify, tracer }: ConnectorSettings,
): ReconnectingConnector {
  return stack({
    leaf,
    config: mergeConfig(config ?? {}, AT_ONCE),
    auth,
    classify,
    tracer,
    timer: nodeTimer,
    spawn: nodeSpawn,
    random: nodeRandom,
    newId: nodeNewId,
    bind: nodeBind,
  });
}

function noRest(): WsError {
  const message = "A recording holds no REST answers.";
  return new WsError({ kind: "client", code: "REPLAY_NO_REST", message });
}
