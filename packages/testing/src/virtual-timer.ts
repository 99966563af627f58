import type { Timer } from "@oath-ws/contract";
import { DeadlineHeap } from "./deadline-heap.js";
import type { HeapEntry } from "./deadline-heap.js";

/**
 * More callbacks than this that were scheduled and fired without the clock moving can only be a
 * loop.
 */
const MAX_PER_INSTANT = 100_000;

/** 2026-01-01T00:00:00Z. */
const DEFAULT_WALL_MS = 1_767_225_600_000;

/** Where the clocks of a {@link VirtualTimer} start. */
export interface VirtualTimerOptions {
  /** First reading of `now()`, in milliseconds. Default 0. */
  readonly nowMs?: number | undefined;
  /**
   * First reading of `wallNow()`, in milliseconds since the Unix epoch. Default
   * 2026-01-01T00:00:00Z.
   */
  readonly wallNowMs?: number | undefined;
}

/**
 * A {@link Timer} whose time moves only when told. Callbacks run inside `advance`, in the order of
 * their deadlines, with `now()` at exactly their deadline; equal deadlines run in the order in
 * which they were scheduled.
 *
 * It keeps the order of a real event loop, on which code under test may lean without knowing it:
 * callbacks of {@link schedule} that are due run before those of {@link scheduleArrival} (what the
 * network brings), and what a callback schedules for "now" waits until both have had their turn. A
 * watchdog that is late after a {@link stall} therefore fires *before* the frames that came in
 * meanwhile are read, as it would in Node.
 *
 * What a callback throws comes out of the call that moved the time; the timer stays usable.
 *
 * This class moves time only. Code that also awaits promises needs them drained between two
 * callbacks: use `createWorld()`.
 */
export class VirtualTimer implements Timer {
  readonly #timers = new DeadlineHeap();
  readonly #arrivals = new DeadlineHeap();
  #now: number;
  #wallOffset: number;
  #sleptMs = 0;
  #nextOrder = 0;
  /**
   * Whose turn it is in the present round of the loop, and which entries are old enough to take
   * part in it.
   */
  #phase: "timers" | "arrivals" = "timers";
  #roundLimit = 0;
  /** Entries from this order on were scheduled since the clock last moved. */
  #instantOrder = 0;
  #firedAtOnce = 0;
  #advancing = false;

  constructor(options: VirtualTimerOptions = {}) {
    this.#now = finite("nowMs", options.nowMs ?? 0);
    this.#wallOffset = finite("wallNowMs", options.wallNowMs ?? DEFAULT_WALL_MS) - this.#now;
  }

  now(): number {
    return this.#now;
  }

  wallNow(): number {
    return this.#now + this.#wallOffset;
  }

  /** What {@link sleep} added up to, in milliseconds; steps of the wall clock do not count. */
  sleptMs(): number {
    return this.#sleptMs;
  }

  /**
   * See {@link Timer.schedule}. Throws a `RangeError` for a delay that is not finite or is
   * negative.
   */
  schedule(delayMs: number, run: () => void): () => void {
    return this.#add(this.#timers, delayMs, run);
  }

  /**
   * Like {@link schedule}, for something that comes from outside: bytes on a socket, a finished
   * dial. When it is due together with timers, it comes after them.
   */
  scheduleArrival(delayMs: number, run: () => void): () => void {
    return this.#add(this.#arrivals, delayMs, run);
  }

  /**
   * Callbacks, arrivals included, that are scheduled and neither fired nor cancelled. 0 after a
   * clean shutdown.
   */
  get pendingCount(): number {
    return this.#timers.size + this.#arrivals.size;
  }

  /**
   * When the next callback is due (`now()` milliseconds; in the past after {@link block});
   * `undefined` when none waits.
   */
  get nextDeadline(): number | undefined {
    const timer = this.#timers.peek()?.deadline;
    const arrival = this.#arrivals.peek()?.deadline;
    if (timer === undefined) return arrival;
    return arrival === undefined ? timer : Math.min(timer, arrival);
  }

  /** Lets `ms` milliseconds pass, firing what becomes due, also what is scheduled on the way. */
  advance(ms: number): void {
    this.advanceTo(this.#now + duration("ms", ms));
  }

  /** Like {@link advance}, to the instant `at`. Throws a `RangeError` when it is in the past. */
  advanceTo(at: number): void {
    if (!(finite("at", at) >= this.#now)) {
      throw new RangeError(`cannot go back to ${at}: it is ${this.#now}`);
    }
    while (this.fireNext(at)) {
      // Everything happens in fireNext().
    }
    this.#moveTo(at);
  }

  /**
   * Fires the one callback that comes next, if it is due at or before `until`, moving the clock to
   * its deadline. Returns `false`, and leaves the clock alone, when there is none. For drivers that
   * do something between two callbacks.
   */
  fireNext(until: number): boolean {
    if (this.#advancing)
      throw new Error("a timer callback must not move the time; use block() to burn some");
    let entry = this.#takeDue();
    if (entry === undefined) {
      const next = this.nextDeadline;
      if (next === undefined || next > until) return false;
      this.#moveTo(next);
      this.#beginRound();
      entry = this.#takeDue();
    }
    const run = entry?.run;
    if (entry !== undefined) this.#spend(entry);
    this.#advancing = true;
    try {
      run?.();
    } finally {
      this.#advancing = false;
    }
    return true;
  }

  /**
   * The event loop is blocked for `ms` milliseconds: both clocks move and nothing fires. What
   * became due is late: it fires with the next call that lets time pass. May be called from inside
   * a callback, to model code that is slow.
   */
  block(ms: number): void {
    this.#moveTo(this.#now + duration("ms", ms));
    if (!this.#advancing) this.#beginRound();
  }

  /**
   * {@link block}, after which everything that is late fires, all of it at the new time, and timers
   * before arrivals.
   */
  stall(ms: number): void {
    this.block(ms);
    this.advance(0);
  }

  /**
   * The machine sleeps for `ms` milliseconds: the wall clock jumps, the monotonic clock and the
   * timers stand still.
   */
  sleep(ms: number): void {
    this.#wallOffset += duration("ms", ms);
    this.#sleptMs += ms;
  }

  /**
   * The wall clock is set, by NTP say: it moves by `deltaMs`, which may be negative. Nothing else
   * changes.
   */
  stepWall(deltaMs: number): void {
    this.#wallOffset += finite("deltaMs", deltaMs);
  }

  #add(heap: DeadlineHeap, delayMs: number, run: () => void): () => void {
    const deadline = this.#now + duration("delayMs", delayMs);
    const entry: HeapEntry = { deadline, order: this.#nextOrder++, run };
    heap.push(entry);
    return () => {
      if (entry.run !== undefined) heap.cancel(entry);
    };
  }

  /**
   * The entry whose turn it is among those that are due: the rest of this round, then one whole
   * further round.
   */
  #takeDue(): HeapEntry | undefined {
    for (let phases = 0; phases < 4; phases++) {
      const heap = this.#phase === "timers" ? this.#timers : this.#arrivals;
      const entry = heap.peek();
      if (entry !== undefined && entry.deadline <= this.#now && entry.order < this.#roundLimit) {
        return heap.pop();
      }
      if (this.#phase === "timers") this.#phase = "arrivals";
      else this.#beginRound();
    }
    return undefined;
  }

  /** Marks an entry as fired, and looks out for a loop. */
  #spend(entry: HeapEntry): void {
    entry.run = undefined;
    if (entry.order >= this.#instantOrder && ++this.#firedAtOnce > MAX_PER_INSTANT) {
      throw new Error(
        `livelock: more than ${MAX_PER_INSTANT} timer callbacks at t=${this.#now} without ` +
          "time passing",
      );
    }
  }

  #beginRound(): void {
    this.#phase = "timers";
    this.#roundLimit = this.#nextOrder;
  }

  #moveTo(at: number): void {
    if (at <= this.#now) return;
    this.#now = at;
    this.#instantOrder = this.#nextOrder;
    this.#firedAtOnce = 0;
  }
}

function finite(name: string, value: number): number {
  if (!Number.isFinite(value))
    throw new RangeError(`${name} must be a finite number, got ${value}`);
  return value;
}

function duration(name: string, value: number): number {
  if (!(finite(name, value) >= 0))
    throw new RangeError(`${name} must not be negative, got ${value}`);
  return value;
}
