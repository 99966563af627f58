import type { TopicPhase, TopicSnapshot } from "../topic/topic-state.js";
import { TopicWatch } from "../topic/topic-watch.js";

/** The worst counts. What has ended does not: it brings nothing that could be mistaken for now. */
const RANK: Readonly<Record<TopicPhase, number>> = {
  failed: 0,
  closed: 0,
  live: 1,
  stale: 2,
  subscribing: 3,
  recovering: 4,
};

type Totals = Pick<TopicSnapshot, "gaps" | "breaks" | "staleCount" | "recoveries">;

/**
 * The state of several topics as one: the worst phase of those that have not ended, and the sums of
 * their totals. Without any it is `subscribing`.
 */
export class JointState {
  readonly watch: TopicWatch;
  readonly #now: () => number;
  readonly #parts = new Set<TopicWatch>();
  /** How those stood that were removed. */
  readonly #left = new WeakMap<TopicWatch, TopicSnapshot>();
  /** Totals of topics that were removed: totals never fall. */
  readonly #past: Record<keyof Totals, number> = {
    gaps: 0,
    breaks: 0,
    staleCount: 0,
    recoveries: 0,
  };

  constructor(now: () => number) {
    this.#now = now;
    this.watch = new TopicWatch(now);
  }

  add(part: TopicWatch): void {
    const left = this.#left.get(part);
    if (left !== undefined) this.#count(left, -1);
    this.#left.delete(part);
    this.#parts.add(part);
    this.#publish();
    void this.#follow(part);
  }

  remove(part: TopicWatch): void {
    if (!this.#parts.delete(part)) return;
    this.#left.set(part, part.snapshot);
    this.#count(part.snapshot, 1);
    this.#publish();
  }

  #count({ gaps, breaks, staleCount, recoveries }: TopicSnapshot, sign: 1 | -1): void {
    this.#past.gaps += sign * gaps;
    this.#past.breaks += sign * breaks;
    this.#past.staleCount += sign * staleCount;
    this.#past.recoveries += sign * recoveries;
  }

  async #follow(part: TopicWatch): Promise<void> {
    let seen = part.snapshot;
    while (!this.watch.isFinal && !this.#left.has(part)) {
      if (part.snapshot !== seen) this.#publish();
      seen = part.snapshot;
      if (!(await part.changed({ since: seen })) && part.snapshot === seen) return;
    }
  }

  #publish(): void {
    if (this.watch.isFinal) return;
    const before = this.watch.snapshot;
    const snapshots = Array.from(this.#parts, ({ snapshot }) => snapshot);
    let worst: TopicSnapshot | undefined;
    for (const snapshot of snapshots)
      if (RANK[snapshot.phase] > (worst === undefined ? 0 : RANK[worst.phase])) worst = snapshot;
    const phase = worst?.phase ?? "subscribing";
    const sum = (key: keyof Totals): number =>
      snapshots.reduce((total, snapshot) => total + snapshot[key], this.#past[key]);
    this.watch.publish(
      {
        phase,
        since: before.phase === phase ? before.since : this.#now(),
        epoch: snapshots.reduce((most, { epoch }) => Math.max(most, epoch), before.epoch),
        gaps: sum("gaps"),
        breaks: sum("breaks"),
        staleCount: sum("staleCount"),
        recoveries: sum("recoveries"),
        cause: worst?.cause ?? before.cause,
      },
      false,
    );
  }
}
