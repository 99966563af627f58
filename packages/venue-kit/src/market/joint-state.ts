import type { CancelSignal, WsError } from "@oath-ws/contract";
import { cancelController } from "@oath-ws/resilience";
import type { CancelController } from "@oath-ws/resilience";
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
  /** What ends the wait for a part's next change. */
  readonly #parts = new Map<TopicWatch, CancelController>();
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
    const cancel = cancelController();
    this.#parts.set(part, cancel);
    this.#publish();
    void this.#follow(part, cancel.signal);
  }

  remove(part: TopicWatch): void {
    const cancel = this.#parts.get(part);
    if (cancel === undefined) return;
    this.#parts.delete(part);
    cancel.abort("removed");
    this.#left.set(part, part.snapshot);
    this.#count(part.snapshot, 1);
    this.#publish();
  }

  /** Nothing follows: `closed`, or `failed` with the cause. Idempotent. */
  end(error?: WsError): void {
    if (!this.watch.isFinal) this.watch.enter(error === undefined ? "closed" : "failed", error);
    for (const cancel of this.#parts.values()) cancel.abort("ended");
  }

  #count({ gaps, breaks, staleCount, recoveries }: TopicSnapshot, sign: 1 | -1): void {
    this.#past.gaps += sign * gaps;
    this.#past.breaks += sign * breaks;
    this.#past.staleCount += sign * staleCount;
    this.#past.recoveries += sign * recoveries;
  }

  async #follow(part: TopicWatch, signal: CancelSignal): Promise<void> {
    let seen = part.snapshot;
    while (!signal.aborted) {
      // It rejects only when the signal fires.
      await part.changed({ since: seen, signal }).catch(() => false);
      if (signal.aborted || part.snapshot === seen) return;
      seen = part.snapshot;
      this.#publish();
    }
  }

  #publish(): void {
    if (this.watch.isFinal) return;
    const before = this.watch.snapshot;
    const snapshots = Array.from(this.#parts.keys(), ({ snapshot }) => snapshot);
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
