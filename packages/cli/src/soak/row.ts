import type { FaultId } from "./fault.js";
import type { RunLog, Said } from "./run-log.js";
import type { VenueRecord } from "./venue/venue.js";

/** One line of the table: what a client did about one fault, or why there is nothing to say. */
export type SoakRow = DrivenRow | SkippedRow;

interface RowHead {
  /** What the client was asked for by: the name or the file that was given. */
  readonly name: string;
  /** What it calls itself. */
  readonly client: string;
  readonly fault: FaultId;
}

/** A client that did not go through the fault. */
export interface SkippedRow extends RowHead {
  /**
   * `unfit`: it cannot be driven here. `inapplicable`: it has nothing that this fault could strike.
   */
  readonly kind: "inapplicable" | "unfit";
  readonly reason: string;
}

/**
 * A client that went through the fault. Times are whole milliseconds by the clock of the server's
 * process.
 */
export interface DrivenRow extends RowHead {
  readonly kind: "driven";
  /** How long it was watched for attempts and a sign that it has noticed. */
  readonly watchedMs: number;
  /** Upgrades that the server was asked for in that time, from the fault on. */
  readonly attempts: number;
  /**
   * Upgrades that were refused, or closed as soon as they were up; beyond the watch, if the door
   * was shut for longer.
   */
  readonly refused: number;
  /**
   * From the fault to the first thing that the client did about it: a word to its user, or an
   * attempt. `null`: nothing.
   */
  readonly noticedMs: number | null;
  /**
   * From the moment when the server would serve again to the first new frame at the application;
   * after a burst, to its last one. `null`: none came, or there was never a server.
   */
  readonly recoveredMs: number | null;
  /**
   * Frames of the feed that never reached the application; with `send-gap`, texts of the
   * application that never reached the server.
   */
  readonly lost: number;
  /**
   * With `slow-consumer`, frames that the server could not send because the client had not read
   * those before.
   */
  readonly unsent: number;
  /** Whether the client said something where something was lost; `null` where nothing was. */
  readonly announced: boolean | null;
  /** How many of the lost frames the client has counted; `null` where it gives no numbers. */
  readonly counted: number | null;
  /** Frames that reached the application more than once. */
  readonly repeated: number;
  /**
   * Texts that reached the server more than {@link LATE_MS} after the application sent them, and
   * the age of the oldest.
   */
  readonly late: { readonly texts: number; readonly oldestMs: number };
  /** Whether the client said that it has ended for good. */
  readonly gaveUp: boolean;
  /** How far the process grew, at its peak. */
  readonly grownBytes: number;
  /** Rejections and throws that were not handled, each of which would have ended a program. */
  readonly unhandled: readonly string[];
  /** How its process ended, or that it hangs; `null` when it answers to the end. */
  readonly ended: string | null;
  /** What the driver says of how the client was used. */
  readonly notes: readonly string[];
}

/** What a run is known by, besides the two records. */
export interface RunTimes {
  readonly watchMs: number;
  /** The fault. */
  readonly struckAt: number;
  /** From when on the server would serve again; `undefined`: never. */
  readonly healedAt: number | undefined;
  /** The client is back with the first frame after this. */
  readonly backAfter: number;
  /** The last number that is asked for: those after it may have been on their way in the end. */
  readonly lastDue: number;
  readonly unsent: number;
}

/** A text that reaches the server so much later was kept, not delayed. */
export const LATE_MS = 1_000;

/** Makes a row of what the server and the parent of the client's process have seen. */
export function rowOf(
  head: RowHead,
  venue: VenueRecord,
  log: RunLog,
  times: RunTimes,
): Omit<DrivenRow, "notes"> {
  const { struckAt, healedAt, backAfter, watchMs } = times;
  const since = ({ at }: { readonly at: number }): boolean => at >= struckAt;
  const attempts = venue.attempts.filter(since);
  const words = log.said.filter(since);
  const first = Math.min(...[...attempts.slice(0, 1), ...words.slice(0, 1)].map(({ at }) => at));
  const back = log.arrivedAfter(backAfter);
  const { fault } = head;
  const loss = fault === "send-gap" ? lostTexts(venue, log, words) : lostFrames(fault, log, times);
  const spoke = words.some(({ what }) => what === "lost");
  return {
    ...head,
    kind: "driven",
    watchedMs: watchMs,
    attempts: attempts.filter(({ at }) => at <= struckAt + watchMs).length,
    refused: attempts.filter(({ refused }) => refused).length,
    noticedMs: Number.isFinite(first) ? Math.round(first - struckAt) : null,
    recoveredMs:
      back === undefined || healedAt === undefined
        ? null
        : Math.round(Math.max(0, back - healedAt)),
    lost: loss.lost,
    unsent: times.unsent,
    announced: loss.lost === 0 ? null : loss.announced(words.map(({ what }) => what)),
    counted: spoke ? (log.countedLost ?? null) : null,
    repeated: log.repeated,
    late: lateTexts(venue, log),
    gaveUp: words.some(({ what }) => what === "closed"),
    grownBytes: grown(log, struckAt),
    unhandled: log.unhandled,
    ended: log.ended ?? null,
  };
}

interface Loss {
  readonly lost: number;
  announced(words: readonly string[]): boolean;
}

/**
 * Of a break any word tells; of frames that were dropped on an open connection only one about that.
 */
function lostFrames(fault: FaultId, { received }: RunLog, { lastDue }: RunTimes): Loss {
  let lost = 0;
  const [first = 1] = received;
  for (let id = first; id <= lastDue; id++) if (!received.has(id)) lost++;
  const open = fault === "slow-consumer" || fault === "burst";
  return {
    lost,
    announced: (words) => (open ? words.some((word) => word !== "stale") : words.length > 0),
  };
}

/**
 * Each is asked for by itself: one word about the connection does not say which texts were lost.
 * But what the system took just before the client heard of the break is in doubt for everybody, and
 * that word says so.
 */
function lostTexts(venue: VenueRecord, log: RunLog, words: readonly Said[]): Loss {
  const missing = [...log.sent].filter(([id]) => !venue.texts.has(id));
  const inDoubt = (sentAt: number): boolean =>
    words.some(({ at }) => sentAt <= at && at - sentAt <= LATE_MS);
  return {
    lost: missing.length,
    announced: () => missing.every(([id, sentAt]) => log.refused.has(id) || inDoubt(sentAt)),
  };
}

function lateTexts(venue: VenueRecord, log: RunLog): DrivenRow["late"] {
  const ages = [...log.sent]
    .map(([id, at]) => (venue.texts.get(id) ?? at) - at)
    .filter((ms) => ms > LATE_MS);
  return { texts: ages.length, oldestMs: Math.round(Math.max(0, ...ages)) };
}

function grown({ rss }: RunLog, struckAt: number): number {
  const before = rss.findLast(({ at }) => at <= struckAt)?.bytes ?? rss[0]?.bytes ?? 0;
  return Math.max(0, ...rss.filter(({ at }) => at > struckAt).map(({ bytes }) => bytes - before));
}
