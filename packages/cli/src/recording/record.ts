import { parseArgs } from "node:util";
import { Recorder, tee } from "@oath-ws/recorder";
import type { RecorderOptions, RecorderStats } from "@oath-ws/recorder";
import type { GapRecord } from "@oath-ws/venue-kit";
import { parseDuration } from "../duration.js";
import { errorLine } from "../error-line.js";
import { gapsSince } from "../market/gaps-since.js";
import { Output } from "../output.js";
import { SOURCE_OPTIONS, sourceOf } from "../source-options.js";
import { untilStopped } from "../stop-signal.js";
import { sendInEveryEpoch, withConnection } from "../url-tail.js";
import type { UrlTailOptions } from "../url-tail.js";
import { UsageError } from "../usage-error.js";
import { prepareVenue } from "../venue-tail.js";
import type { VenueTailOptions } from "../venue-tail.js";
import type { FollowedStream } from "../venues/venue.js";
import { helpAsked } from "./help.js";
import { Progress } from "./progress.js";
import { recordedRuntime } from "./recorded-runtime.js";

export const RECORD_USAGE: string = [
  "oath-ws record <ws-or-wss-url> | --venue NAME STREAM[,STREAM...] [--sim | --url URL] --out DIR",
  "[--for DURATION] [--compress gzip|zstd] [--max-bytes N] [--control inline|sidecar] [--json]",
].join(" ");

const HELP = `${RECORD_USAGE}

Writes what is received to files in DIR, a line per frame, until Ctrl-C or --for. A connection has
files of its own. A URL also takes --send TEXT (again in every epoch) and --header NAME:VALUE; a
venue also takes --key FILE and --encoding sbe, as in tail.

Examples:
  oath-ws record wss://stream.example.com/ws --out rec --for 1h --compress gzip
  oath-ws record --venue binance btcusdt@trade,ethusdt@depth --out rec
  oath-ws record --venue binance btcusdt@trade --sim --out rec --for 10s

Exit codes: 0 recorded; 1 no connection, a stream was refused, or the disk is full (what was written
stays); 2 the command line was not understood.
`;

/** Records a URL, or the streams of a venue through its adapter. */
export async function recordCommand(args: readonly string[]): Promise<void> {
  if (helpAsked(args, HELP)) return;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...SOURCE_OPTIONS,
      out: { type: "string" },
      compress: { type: "string" },
      control: { type: "string" },
      "max-bytes": { type: "string" },
    },
  });
  const { out: dir } = values;
  if (dir === undefined) throw new UsageError(`--out is missing; usage: ${RECORD_USAGE}`);
  const forMs = values.for === undefined ? undefined : parseDuration(values.for, "--for");
  const options: RecorderOptions = {
    dir,
    // The recorder says what is wrong with them.
    compress: values.compress as RecorderOptions["compress"],
    control: values.control as RecorderOptions["control"],
    maxBytes: values["max-bytes"] === undefined ? undefined : Number(values["max-bytes"]),
  };
  const source = sourceOf(values, positionals, RECORD_USAGE);
  const progress = new Progress(new Output(process.stdout, values.json));
  try {
    await untilStopped(forMs, (signal) =>
      source.kind === "url"
        ? recordUrl(source, options, progress, signal)
        : recordVenue(source, options, progress, signal),
    );
  } finally {
    await progress.end();
  }
}

async function recordUrl(
  { send, ...target }: UrlTailOptions,
  options: RecorderOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  await withConnection(target, signal, async (inner) => {
    const onError = (): void => void inner.control.shutdown();
    const recorder = await Recorder.open({ ...options, onError }, inner.lifecycle.snapshot);
    progress.add(recorder);
    const connection = tee(inner, recorder);
    const { source } = connection;
    sendInEveryEpoch(connection, send);
    while (await source.readable()) while (source.take() !== undefined);
    throwError(await recorder.close());
  });
}

async function recordVenue(
  names: VenueTailOptions,
  options: RecorderOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const venue = await prepareVenue(names);
  let shutdown = (): void => undefined;
  const about = { venue: names.venue, streams: venue.names.join(",") };
  const recorded = recordedRuntime({
    ...options,
    about: names.encoding === undefined ? about : { ...about, encoding: names.encoding },
    onError: () => shutdown(),
    onRecorder: (recorder) => progress.add(recorder),
  });
  const market = venue.open({
    runtime: recorded.runtime,
    policy: undefined,
    onUnreadable: () => undefined,
    onFault: (error) => void process.stderr.write(`oath-ws: ${errorLine(error)}\n`),
  });
  shutdown = () => void market.shutdown();
  signal.addEventListener("abort", shutdown);
  if (signal.aborted) shutdown();
  const onGap = (gap: GapRecord): void => {
    progress.gaps++;
    // Which connection lost it is not told; there is one, unless streams are spread over several.
    for (const recorder of recorded.recorders) recorder.gap(gap);
  };
  try {
    await Promise.all(market.streams.map((stream) => drain(stream, onGap)));
  } finally {
    signal.removeEventListener("abort", shutdown);
    await market.shutdown();
    try {
      await recorded.close();
    } finally {
      await venue.close();
    }
  }
}

/** Reads a stream to its end; its events are in the recording as frames. */
async function drain(
  { source }: FollowedStream<unknown>,
  onGap: (gap: GapRecord) => void,
): Promise<void> {
  let told = 0;
  const tell = (): void => {
    for (const gap of gapsSince(told, source)) onGap(gap);
    told = source.gapCount;
  };
  for await (const event of source) if (event !== undefined) tell();
  tell();
}

function throwError({ error }: RecorderStats): void {
  if (error !== undefined) throw error;
}
