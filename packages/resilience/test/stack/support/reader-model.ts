import type { Lifecycle, ReceivedFrame } from "@oath-ws/contract";
import type { VirtualTimer } from "@oath-ws/testing";
import { expect } from "vitest";

const AGES_MS = [0, 100, 1_000, 5_000, 30_000];

/** What is seen of a reader; all runs together must come to each of them. */
export const READER_SIGHTS = [
  "fresh",
  "not fresh, though data arrived lately",
  "not fresh, because of a sleep",
  "not fresh, because what was read is of an earlier epoch",
  "the oldest of a batch counts",
  "a batch of several frames",
  "a frame of an earlier epoch read after the reconnect",
  "the reader is behind",
  "the reader caught up",
  "dropped by age",
] as const;

export type ReaderSight = (typeof READER_SIGHTS)[number];

/**
 * A claim of `isFresh` that later frames can refute: they waited when it was made. It speaks of one
 * connection: what waits in the socket of a trial belongs to the epoch after it.
 */
interface Claim {
  readonly at: number;
  readonly epoch: number;
  readonly maxAgeMs: number;
}

/**
 * What is known of the reader, kept apart from the stack: how old what it read last really is, the
 * sleep of the machine included.
 */
export class ReaderModel {
  readonly #timer: VirtualTimer;
  readonly #seen: { add(sight: ReaderSight): unknown };
  /** When the machine slept, by the clock that stands still meanwhile, and for how long. */
  readonly #sleeps: { readonly at: number; readonly ms: number }[] = [];
  #wallWasStepped = false;
  #counts: ReceivedFrame | undefined;
  #batchEnd: ReceivedFrame | undefined;
  #last: ReceivedFrame | undefined;
  #claim: Claim | undefined;
  #wasBehind = false;
  readonly #roomy: boolean;

  /**
   * @param seen gets the sights that were seen
   * @param roomy whether frames can be dropped by age only
   */
  constructor(timer: VirtualTimer, seen: { add(sight: ReaderSight): unknown }, roomy: boolean) {
    this.#roomy = roomy;
    this.#timer = timer;
    this.#seen = seen;
  }

  slept(ms: number): void {
    this.#sleeps.push({ at: this.#timer.now(), ms });
  }

  /** From now on ages may be told too high, never too low. */
  steppedWall(): void {
    this.#wallWasStepped = true;
  }

  read(frame: ReceivedFrame): void {
    this.#counts = frame;
    this.#batchEnd = undefined;
    this.#last = frame;
    const claim = this.#claim;
    if (claim?.epoch !== frame.epoch) return;
    const ageMs = claim.at - this.#arrival(frame);
    // It waited when the claim was made, so the claim spoke of it too.
    if (ageMs > 0) expect(ageMs).toBeLessThanOrEqual(claim.maxAgeMs);
  }

  readBatch(batch: readonly ReceivedFrame[]): void {
    this.#counts = batch[0];
    this.#batchEnd = batch.at(-1);
    if (batch.length > 1) this.#seen.add("a batch of several frames");
  }

  cameBack(): void {
    this.#counts = this.#batchEnd ?? this.#counts;
    this.#batchEnd = undefined;
  }

  check(lifecycle: Lifecycle): void {
    const { phase, epoch, readerBehindSince } = lifecycle.snapshot;
    const up = phase === "connected" || phase === "resumed";
    const frame = this.#counts;
    const now = this.#now;
    const ageMs = frame === undefined ? Number.POSITIVE_INFINITY : now - this.#arrival(frame);
    for (const maxAgeMs of AGES_MS) {
      const fresh = lifecycle.isFresh(maxAgeMs);
      if (fresh) {
        expect(up && frame?.epoch === epoch).toBe(true);
        expect(ageMs).toBeLessThanOrEqual(maxAgeMs);
        this.#claim = { at: now, epoch, maxAgeMs };
        this.#seen.add("fresh");
        break;
      }
      // Without sleeps and steps of the clock the answer is known to the millisecond.
      if (this.#sleeps.length === 0 && !this.#wallWasStepped)
        expect(up && frame?.epoch === epoch && ageMs <= maxAgeMs).toBe(false);
    }
    this.#noteSituations(lifecycle, ageMs);
    if (readerBehindSince !== undefined) {
      expect(readerBehindSince).toBeLessThanOrEqual(this.#timer.now());
      this.#seen.add("the reader is behind");
    } else if (this.#wasBehind) {
      this.#seen.add("the reader caught up");
    }
    this.#wasBehind = readerBehindSince !== undefined;
  }

  #noteSituations(lifecycle: Lifecycle, ageMs: number): void {
    const { phase, epoch, totalLagged } = lifecycle.snapshot;
    if (phase !== "connected" && phase !== "resumed") return;
    const frame = this.#counts;
    if (frame === undefined) return;
    const monoMs = this.#timer.now();
    if (frame.epoch < epoch)
      this.#seen.add("not fresh, because what was read is of an earlier epoch");
    else if (monoMs - frame.receivedAt <= 5_000 && ageMs > 5_000)
      this.#seen.add("not fresh, because of a sleep");
    else if (ageMs > 1_000 && monoMs - (lifecycle.lastDataAt ?? 0) <= 1_000)
      this.#seen.add("not fresh, though data arrived lately");
    if (this.#batchEnd !== undefined && this.#batchEnd.receivedAt > frame.receivedAt)
      this.#seen.add("the oldest of a batch counts");
    if (this.#last !== undefined && this.#last.epoch < epoch)
      this.#seen.add("a frame of an earlier epoch read after the reconnect");
    if (this.#roomy && totalLagged > 0) this.#seen.add("dropped by age");
  }

  get #now(): number {
    return this.#timer.now() + this.#sleeps.reduce((sum, { ms }) => sum + ms, 0);
  }

  /**
   * When the frame arrived, by a clock that counts sleep. One that arrived at the very instant of a
   * sleep is taken to have come after it: it cannot be told.
   */
  #arrival({ receivedAt }: ReceivedFrame): number {
    return this.#sleeps.reduce(
      (sum, { at, ms }) => (at <= receivedAt ? sum + ms : sum),
      receivedAt,
    );
  }
}

/** What holds of a frame and the one that was handed out before it. */
export function checkOrder(last: ReceivedFrame | undefined, frame: ReceivedFrame): void {
  expect(frame.seq).toBeGreaterThan(last?.seq ?? 0);
  expect(frame.epoch).toBeGreaterThanOrEqual(last?.epoch ?? 1);
  // The socket of a trial is read while the old one still parts.
  if (frame.epoch === last?.epoch) expect(frame.receivedAt).toBeGreaterThanOrEqual(last.receivedAt);
}
