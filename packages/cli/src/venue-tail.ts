import { readFile } from "node:fs/promises";
import type { FeedTelemetry, Telemetry } from "@oath-ws/telemetry";
import type { Simulator } from "./dash/simulator.js";
import { errorLine } from "./error-line.js";
import { MarketSession } from "./market/market-session.js";
import type { MarketSessionOptions } from "./market/market-session.js";
import { marketSummaryLines } from "./market/market-summary.js";
import type { Output } from "./output.js";
import { UsageError } from "./usage-error.js";
import type { OpenMarket, StreamRequest, Venue } from "./venues/venue.js";
import { VENUES } from "./venues/venues.js";

/** What {@link tailVenue} is told on the command line. */
export interface VenueTailOptions {
  readonly venue: string;
  /** Starts a simulated venue on loopback instead of dialling the real one. */
  readonly sim: boolean;
  /** Another address of the venue. */
  readonly url: string | undefined;
  /** A file with the key of an account. */
  readonly keyFile: string | undefined;
  /** How the venue is to write events. Default: its usual way. */
  readonly encoding: string | undefined;
  /** Stream names, several in one separated by commas or spaces. */
  readonly names: readonly string[];
  /** Where the states of the streams are exported. Default: they are not. */
  readonly telemetry?: Telemetry | undefined;
}

/** Streams of a venue that are ready to be followed. */
export interface PreparedVenue {
  readonly open: OpenMarket<unknown>;
  /** Their names, as the venue writes them. */
  readonly names: readonly string[];
  /** The simulated venue, for the buttons of a dashboard. */
  readonly simulator: Simulator | undefined;
  /** Ends the simulated venue, if there is one. */
  close(): Promise<void>;
}

/**
 * Prints typed events of a venue's streams, and everything that happens to them, until the signal;
 * the summary follows.
 */
export async function tailVenue(
  options: VenueTailOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const venue = await prepareVenue(options);
  const feed = options.telemetry?.feed(options.venue);
  try {
    await followMarket(watchedBy(feed, venue.open), output, signal);
  } finally {
    await venue.close();
  }
}

/** Checks everything that was told on the command line, and starts the simulated venue. */
export async function prepareVenue(options: VenueTailOptions): Promise<PreparedVenue> {
  const { sim, url, keyFile } = options;
  const venue = venueOf(options);
  if (sim && url !== undefined) throw new UsageError("--sim and --url exclude each other");
  if (sim && keyFile !== undefined)
    throw new UsageError("--sim has a key of its own: --key goes with the live venue or --url");
  if (keyFile !== undefined && !venue.takesKey)
    throw new UsageError(`no stream of ${options.venue} takes a --key`);
  const requests = parseNames(venue, options.names);
  const names = requests.map(({ name }) => name);
  if (!sim) {
    const key = keyFile === undefined ? undefined : await readKey(keyFile);
    return {
      open: venue.follow(requests, { url, key }),
      names,
      simulator: undefined,
      close: () => Promise.resolve(),
    };
  }
  const simulation = await venue.simulate(requests);
  return {
    open: venue.follow(requests, simulation.address),
    names,
    simulator: simulation.simulator,
    close: () => simulation.close(),
  };
}

function venueOf({ venue: name, encoding }: VenueTailOptions): Venue {
  const venue = Object.hasOwn(VENUES, name) ? VENUES[name] : undefined;
  if (venue === undefined)
    throw new UsageError(`unknown venue "${name}" (known: ${Object.keys(VENUES).join(", ")})`);
  if (encoding === undefined) return venue;
  const { encodings = {} } = venue;
  const other = Object.hasOwn(encodings, encoding) ? encodings[encoding] : undefined;
  if (other === undefined) throw new UsageError(`${name} has no --encoding ${encoding}`);
  return other;
}

/**
 * Follows streams until the signal, prints the summary, and throws what one of them failed with.
 */
export async function followMarket(
  open: OpenMarket<unknown>,
  output: Output,
  signal: AbortSignal,
  watch: Pick<MarketSessionOptions<unknown>, "platform" | "onEvent"> = {},
): Promise<void> {
  const session = new MarketSession({ ...watch, open, output, signal });
  const failure = await session.run();
  const summary = session.summary();
  await output.show(
    () => summary,
    () => undefined,
  );
  for (const line of marketSummaryLines(summary)) {
    await output.show(
      () => undefined,
      () => line,
    );
  }
  if (failure !== undefined) throw failure;
}

/** Gives the streams to the telemetry as they are opened. */
function watchedBy(
  feed: FeedTelemetry | undefined,
  open: OpenMarket<unknown>,
): OpenMarket<unknown> {
  if (feed === undefined) return open;
  return (parts) => {
    const market = open(parts);
    for (const { kind, source } of market.streams) {
      if (kind === "book") feed.book({ state: source.state, updates: source });
      else feed.topic(source);
    }
    return market;
  };
}

/** All are checked before anything is dialled; the same name twice is one stream. */
function parseNames(venue: Venue, texts: readonly string[]): readonly StreamRequest[] {
  const requests = new Map<string, StreamRequest>();
  for (const text of texts.flatMap((each) => each.split(/[,\s]+/)).filter((each) => each !== "")) {
    const request = parse(venue, text);
    requests.set(request.name, request);
  }
  if (requests.size === 0) throw new UsageError(`no stream; name some, such as ${venue.example}`);
  return [...requests.values()];
}

function parse(venue: Venue, text: string): StreamRequest {
  try {
    return venue.request(text);
  } catch (error) {
    throw new UsageError(`"${text}": ${errorLine(error)}`);
  }
}

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`--key: ${errorLine(error)}`);
  }
}
