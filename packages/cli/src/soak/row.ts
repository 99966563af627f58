import type { FaultId } from "./fault.js";
import type { RunLog } from "./run-log.js";
import type { VenueRecord } from "./venue/venue.js";

/** One line of the table: what a client did about one fault. Times are milliseconds by the server's clock. */
export interface SoakRow {
  readonly client: string;
  readonly fault: FaultId;
  /** Why the client cannot be driven here; the other fields then say nothing. */
  readonly unfit?: string | undefined;
  /** Upgrades that the server was asked for from the fault on, within the time of the run. */
  readonly attempts: number;
  /** From the fault to the first thing that the client did about it: a word to its user, or an attempt. `null`: nothing. */
  readonly noticedMs: number | null;
  /** From the moment when the server would serve again to the first new frame at the application. `null`: none came. */
  readonly recoveredMs: number | null;
  /** Frames of the feed that never reached the application; with `send-gap`, texts of the application that never reached the server. */
  readonly lost: number;
  /** Whether the client said something where something was lost; `null` where nothing was. */
  readonly announced: boolean | null;
  /** How far the process grew, at its peak. */
  readonly grownBytes: number;
  /** Rejections and throws that nobody handled; each would have ended a program. */
  readonly unhandled: readonly string[];
  readonly note?: string | undefined;
}

/** What a run is known by, besides the two records. */
export interface RunTimes {
  /** The fault. */
  readonly struckAt: number;
  /** From when on the server would serve again; `undefined`: never. */
  readonly healedAt: number | undefined;
  /** The last number of the feed before the fault. */
  readonly lastBefore: number;
  /** The last number that is asked for: those after it may have been on their way in the end. */
  readonly lastDue: number;
}

/** Makes a row of what the server and the parent of the client's process have seen. */
export function rowOf(client: string, fault: FaultId, venue: VenueRecord, log: RunLog, times: RunTimes): SoakRow {
  const { struckAt, healedAt, lastBefore } = times;
  const attempts = venue.attempts.filter((at) => at >= struckAt);
  const words = log.said.filter(({ at }) => at >= struckAt);
  const first = Math.min(...attempts.slice(0, 1), ...words.slice(0, 1).map(({ at }) => at));
  const back = log.arrivedAfter(lastBefore);
  const loss = fault === "send-gap" ? lostTexts(venue, log) : lostFrames(fault, log, times);
  return {
    client,
    fault,
    attempts: attempts.length,
    noticedMs: Number.isFinite(first) ? first - struckAt : null,
    recoveredMs: back === undefined || healedAt === undefined ? null : Math.max(0, back - healedAt),
    lost: loss.lost,
    announced: loss.lost === 0 ? null : loss.announced(words.map(({ what }) => what)),
    grownBytes: grown(log, struckAt),
    unhandled: log.unhandled,
  };
}

interface Loss {
  readonly lost: number;
  announced(words: readonly string[]): boolean;
}

/** Of a break any word tells; of frames that were dropped on an open connection only one about that. */
function lostFrames(fault: FaultId, { received }: RunLog, { lastDue }: RunTimes): Loss {
  const first = Math.min(...[...received].slice(0, 1));
  let lost = 0;
  for (let id = first; id <= lastDue; id++) if (!received.has(id)) lost++;
  return {
    lost,
    announced: (words) => (fault === "slow-consumer" ? words.some((word) => word !== "stale") : words.length > 0),
  };
}

/** Each is asked for by itself: one word about the connection does not say which texts were lost. */
function lostTexts(venue: VenueRecord, log: RunLog): Loss {
  const missing = [...log.sent].filter((id) => !venue.texts.has(id));
  return { lost: missing.length, announced: () => missing.every((id) => log.refused.has(id)) };
}

function grown({ rss }: RunLog, struckAt: number): number {
  const before = rss.findLast(({ at }) => at <= struckAt)?.bytes ?? rss[0]?.bytes ?? 0;
  return Math.max(0, ...rss.filter(({ at }) => at > struckAt).map(({ bytes }) => bytes - before));
}
