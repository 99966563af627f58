import type { RecordingEntry } from "@oath-ws/recorder";
import type { Sighting } from "./verify-rules.js";

/** Ids that are missing in a recording. */
export interface FoundGap {
  readonly topic: string;
  readonly fromId: number;
  readonly toId: number;
  /** Of the frames around it, in nanoseconds. */
  readonly fromNs: bigint | undefined;
  readonly toNs: bigint;
  readonly file: string;
  readonly line: number;
  /** Why, as far as the recording tells: `unannounced` when no control line explains it. */
  reason: string;
}

/** What a recording has of a topic. */
export interface Coverage {
  events: number;
  /** Ids that came again. */
  doubles: number;
  missing: number;
  firstId: number | undefined;
  lastId: number | undefined;
  fromNs: bigint;
  toNs: bigint;
}

/** A coming line may still announce a gap without ids: the adapter tells it behind the frame. */
const ANNOUNCED_WITHIN_NS = 1_000_000_000n;

interface Announcement {
  readonly topic: string;
  readonly reason: string;
  readonly fromSeq?: number;
  readonly toSeq?: number;
  readonly atNs: bigint;
}

interface TopicPlace {
  last: number;
  atNs: bigint;
  breaks: number;
  epoch: number;
}

/**
 * Compares the ids of each topic with those before, and explains every hole by the control lines: a
 * new epoch, frames that were dropped and counted, or a gap that the adapter told.
 */
export class Continuity {
  readonly gaps: FoundGap[] = [];
  readonly coverage: Map<string, Coverage> = new Map();
  readonly #places = new Map<string, TopicPlace>();
  readonly #announced: Announcement[] = [];
  /** Positions that announce missing frames so far, and why the last one did. */
  #breaks = 0;
  #reason = "";
  #epochs = 0;
  #epoch: number | undefined;

  /** Takes note of a control line. */
  control(entry: Extract<RecordingEntry, { type: "control" }>): void {
    const { control, unixNs } = entry;
    if (control.kind === "gap") this.#announced.push({ ...control, atNs: unixNs });
    if (control.kind === "start") this.#epoch = undefined;
    if (control.kind !== "epoch" && control.kind !== "hole") return;
    const isNew = control.epoch !== this.#epoch;
    if (isNew) this.#epochs++;
    this.#epoch = control.epoch;
    if (!isNew && control.lagged + control.unwritten === 0) return;
    this.#breaks++;
    if (isNew) this.#reason = "reconnect";
    else this.#reason = control.unwritten > 0 ? "unwritten" : "lag";
  }

  /** Takes note of what a frame says of a topic. */
  sighting(
    { topic, ids, firstOfEpoch }: Sighting,
    { unixNs, file, line }: Extract<RecordingEntry, { type: "frame" }>,
  ): void {
    const coverage = this.#covered(topic, unixNs);
    if (ids === undefined) return;
    const { first, last } = ids;
    coverage.firstId ??= first;
    const place = this.#places.get(topic);
    const epoch = this.#epochs;
    const beginsAnew =
      firstOfEpoch !== undefined &&
      (place?.epoch !== epoch || (first === firstOfEpoch && last < place.last));
    let known = place?.last;
    // Where no control line tells of epochs, the recording may begin within one.
    if (beginsAnew) known = epoch > 0 ? firstOfEpoch - 1 : undefined;
    if (known !== undefined && last <= known) {
      coverage.doubles++;
      return;
    }
    if (known !== undefined && first > known + 1) {
      coverage.missing += first - known - 1;
      this.gaps.push({
        topic,
        fromId: known + 1,
        toId: first - 1,
        fromNs: place?.atNs,
        toNs: unixNs,
        file,
        line,
        reason: !beginsAnew && place?.breaks !== this.#breaks ? this.#reason : "",
      });
    }
    coverage.lastId = last;
    this.#places.set(topic, { last, atNs: unixNs, breaks: this.#breaks, epoch });
  }

  /** Matches gaps and announcements. Call it at the end, once. */
  finish(): readonly FoundGap[] {
    for (const gap of this.gaps) {
      if (gap.reason === "")
        gap.reason = this.#announced.find((each) => covers(each, gap))?.reason ?? UNANNOUNCED;
    }
    return this.gaps;
  }

  #covered(topic: string, unixNs: bigint): Coverage {
    let found = this.coverage.get(topic);
    if (found === undefined) {
      const ids = { firstId: undefined, lastId: undefined };
      found = { events: 0, doubles: 0, missing: 0, ...ids, fromNs: unixNs, toNs: unixNs };
      this.coverage.set(topic, found);
    }
    found.events++;
    found.toNs = unixNs;
    return found;
  }
}

/** The reason of a gap that no control line explains. */
export const UNANNOUNCED = "unannounced";

function covers({ topic, fromSeq, toSeq, atNs }: Announcement, gap: FoundGap): boolean {
  if (fromSeq !== undefined && toSeq !== undefined)
    return topic === gap.topic && fromSeq <= gap.fromId && toSeq >= gap.toId;
  return atNs >= gap.toNs && atNs <= gap.toNs + ANNOUNCED_WITHIN_NS;
}
