import { parseArgs } from "node:util";
import { Recorder, recordingConnector, tee } from "@oath-ws/recorder";
import type { RecorderOptions, RecorderStats } from "@oath-ws/recorder";
import type { GapRecord } from "@oath-ws/venue-kit";
import { nodeRuntime, open } from "oath-ws";
import { parseDuration } from "../duration.js";
import { errorLine } from "../error-line.js";
import { firstEpoch } from "../first-epoch.js";
import { parseHeaders } from "../header-option.js";
import { Output } from "../output.js";
import { stopSignal } from "../stop-signal.js";
import { UsageError } from "../usage-error.js";
import { prepareVenue } from "../venue-tail.js";
import type { FollowedStream } from "../venues/venue.js";
import { helpAsked } from "./help.js";
import { Progress } from "./progress.js";

export const RECORD_USAGE: string = [
  "oath-ws record <ws-or-wss-url> | --venue NAME STREAM[,STREAM...] [--sim | --url URL] --out DIR",
  "[--for DURATION] [--compress gzip|zstd] [--max-bytes N] [--control inline|sidecar] [--json]",
].join(" ");

const HELP = `${RECORD_USAGE}

Writes what is received to files in DIR, a line per frame, until Ctrl-C or --for. Each connection has
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
      out: { type: "string" },
      compress: { type: "string" },
      control: { type: "string" },
      "max-bytes": { type: "string" },
      venue: { type: "string" },
      sim: { type: "boolean", default: false },
      url: { type: "string" },
      key: { type: "string" },
      encoding: { type: "string" },
      send: { type: "string", multiple: true, default: [] },
      header: { type: "string", multiple: true, default: [] },
      for: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const { out: dir, venue, sim, url, key: keyFile, encoding, send, header } = values;
  if (dir === undefined) throw new UsageError(`--out is missing; usage: ${RECORD_USAGE}`);
  const forMs = values.for === undefined ? undefined : parseDuration(values.for, "--for");
  const options: RecorderOptions = {
    dir,
    // The recorder says what is wrong with them.
    compress: values.compress as RecorderOptions["compress"],
    control: values.control as RecorderOptions["control"],
    maxBytes: values["max-bytes"] === undefined ? undefined : Number(values["max-bytes"]),
  };
  const output = new Output(process.stdout, values.json);
  const stop = stopSignal(forMs);
  const progress = new Progress(output);
  try {
    if (venue === undefined) {
      const [target, ...rest] = positionals;
      if (sim || url !== undefined || keyFile !== undefined || encoding !== undefined)
        throw new UsageError("--sim, --url, --key and --encoding go with --venue");
      if (target === undefined || rest.length > 0) throw new UsageError(`usage: ${RECORD_USAGE}`);
      await recordUrl(target, { send, header }, options, progress, stop.signal);
    } else {
      if (send.length > 0 || header.length > 0)
        throw new UsageError("--send and --header go with a URL, not with --venue");
      const names = { venue, sim, url, keyFile, encoding, names: positionals };
      await recordVenue(names, options, progress, stop.signal);
    }
  } finally {
    stop.release();
    await progress.end();
  }
}

async function recordUrl(
  url: string,
  { send, header }: { readonly send: readonly string[]; readonly header: readonly string[] },
  options: RecorderOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const inner = await open(url, { headers: parseHeaders(header), awaitFirst: false });
  const shutdown = (): void => void inner.control.shutdown();
  signal.addEventListener("abort", shutdown);
  if (signal.aborted) shutdown();
  try {
    await firstEpoch(inner.lifecycle);
    const recorder = await Recorder.open(
      { ...options, onError: shutdown },
      inner.lifecycle.snapshot,
    );
    progress.add(recorder);
    const { source, sink, lifecycle } = tee(inner, recorder);
    let epoch = 0;
    const subscribe = (): void => {
      const { snapshot } = lifecycle;
      if (snapshot.epoch === epoch) return;
      ({ epoch } = snapshot);
      for (const text of send)
        sink.send(text, { epoch }).catch((error: unknown) => {
          process.stderr.write(`oath-ws: not sent in epoch ${epoch}: ${errorLine(error)}\n`);
        });
    };
    lifecycle.subscribe(subscribe);
    subscribe();
    while (await source.readable()) while (source.take() !== undefined);
    throwError(await recorder.close());
  } finally {
    signal.removeEventListener("abort", shutdown);
    await inner.control.shutdown({ timeoutMs: 0 });
  }
}

async function recordVenue(
  names: Parameters<typeof prepareVenue>[0],
  options: RecorderOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const venue = await prepareVenue(names);
  const recorders: Recorder[] = [];
  let shutdown = (): void => undefined;
  const about = { venue: names.venue, streams: venue.names.join(",") };
  const build: typeof nodeRuntime.build = (settings) =>
    recordingConnector(nodeRuntime.build(settings), {
      ...options,
      about: names.encoding === undefined ? about : { ...about, encoding: names.encoding },
      onError: () => shutdown(),
      onRecorder: (recorder) => {
        recorders.push(recorder);
        progress.add(recorder);
      },
    });
  const market = venue.open({
    runtime: { ...nodeRuntime, build },
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
    for (const recorder of recorders) recorder.gap(gap);
  };
  try {
    await Promise.all(market.streams.map((stream) => drain(stream, onGap)));
  } finally {
    signal.removeEventListener("abort", shutdown);
    await market.shutdown();
    for (const recorder of recorders) throwError(await recorder.close());
    await venue.close();
  }
}

/** Reads a stream to its end; its events are in the recording as frames. */
async function drain(
  { source }: FollowedStream<unknown>,
  onGap: (gap: GapRecord) => void,
): Promise<void> {
  let told = 0;
  const tell = (): void => {
    const { gaps, gapCount } = source;
    for (const gap of gaps.slice(Math.max(0, gaps.length - (gapCount - told)))) onGap(gap);
    told = gapCount;
  };
  for await (const event of source) if (event !== undefined) tell();
  tell();
}

function throwError({ error }: RecorderStats): void {
  if (error !== undefined) throw error;
}
