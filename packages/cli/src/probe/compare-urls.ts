import { nodeTimer } from "oath-ws/leaf";
import { parseHeaders } from "../header-option.js";
import { sendInEveryEpoch, withConnection } from "../url-tail.js";
import { comparisonOf, whoseClock } from "./comparison.js";
import type { Comparison, Place } from "./comparison.js";
import { FrameRace } from "./frame-race.js";
import { problemError } from "./probe-report.js";
import { probe } from "./probe.js";

/** What {@link compareUrls} is told. */
export interface CompareUrlsOptions {
  readonly a: string;
  readonly b: string;
  /** Sent on both in every epoch. */
  readonly send: readonly string[];
  /** `NAME:VALUE`, each; for both. */
  readonly header: readonly string[];
  /** How long both are read, once both are up, in milliseconds. */
  readonly forMs: number;
}

/** How long a dial, a ping and a closing handshake may take before the race, in milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * Reads two URLs at the same time, and matches equal frames. Rejects when one of them cannot be
 * used, or with the signal's reason.
 */
export async function compareUrls(
  { a, b, send, header, forMs }: CompareUrlsOptions,
  signal: AbortSignal,
): Promise<Comparison> {
  const places = [await placeOf(a, header, signal), await placeOf(b, header, signal)] as const;
  const race = new FrameRace();
  const end = new AbortController();
  const both = AbortSignal.any([signal, end.signal]);
  let up = 0;
  let cancel = (): void => undefined;
  const read = (url: string, line: number): Promise<void> =>
    withConnection({ url, header }, both, async (connection) => {
      sendInEveryEpoch(connection, send);
      // What one line brings before the other is up says nothing.
      if (++up === 2) cancel = nodeTimer.schedule(forMs, () => end.abort());
      const { source } = connection;
      while (await source.readable())
        for (let frame = source.take(); frame !== undefined; frame = source.take())
          if (up === 2) race.arrived(frame.data, line, frame.receivedAt);
    });
  const reading = [read(a, 0), read(b, 1)].map((each) => each.finally(() => end.abort()));
  const failed = (await Promise.allSettled(reading)).find(({ status }) => status === "rejected");
  cancel();
  signal.throwIfAborted();
  if (failed?.status === "rejected") throw failed.reason;
  const clocks = whoseClock(places.map(({ clock }) => clock));
  return comparisonOf({ forMs, scores: race.scores, lines: places, clocks });
}

async function placeOf(
  url: string,
  header: readonly string[],
  signal: AbortSignal,
): Promise<Place> {
  const handshake = { url, protocols: [], headers: parseHeaders(header) };
  const options = { handshake, ca: undefined, pings: 3, idleMs: 1, timeoutMs: TIMEOUT_MS };
  const report = await probe(options, signal);
  const error = problemError(report);
  if (error !== undefined) throw error;
  const { endpoint, ping, clock } = report;
  return { endpoint, roundTripMs: ping?.medianMs ?? null, clock };
}
