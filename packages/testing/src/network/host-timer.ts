import type { Timer } from "@oath-ws/contract";
import type { SeededRandom } from "../seeded-random.js";
import type { VirtualTimer } from "../virtual-timer.js";

/**
 * Times here are multiples of this many milliseconds, a power of two: sums and differences of them
 * are exact. Otherwise a clock that is behind the world's by a sleep could be the last digit short
 * of a deadline, and a wait for the rest would be too short to move the world's clock at all.
 */
const TICK_MS = 2 ** -10;

/** A callback that waits. */
interface Wait {
  /** By the clock of the machine. */
  readonly due: number;
  readonly run: () => void;
  isPending: boolean;
  cancel: (() => void) | undefined;
}

interface Arrival {
  readonly run: () => void;
  isCancelled: boolean;
}

/**
 * The clocks of one simulated machine, over those of the world. Its event loop can be held up while
 * the rest of the world goes on, and the machine can sleep.
 */
export class HostTimer implements Timer {
  readonly #world: VirtualTimer;
  readonly #random: SeededRandom;
  /** Until when nothing runs here, in the world's time. */
  #heldUntil = 0;
  /** Since when the monotonic clock stands still, in the world's time. */
  #asleepSince: number | undefined;
  #sleptMs = 0;
  #wallStepMs = 0;
  #pending = 0;
  readonly #heldArrivals: Arrival[] = [];

  constructor(world: VirtualTimer, random: SeededRandom) {
    this.#world = world;
    this.#random = random;
  }

  /** Stands still while the machine sleeps. */
  now(): number {
    return (this.#asleepSince ?? this.#world.now()) - this.#sleptMs;
  }

  wallNow(): number {
    return this.#world.wallNow() + this.#wallStepMs;
  }

  /** How long the machine has slept so far. */
  sleptMs(): number {
    return this.#sleptMs;
  }

  /** Callbacks of {@link schedule} that have neither run nor been cancelled. */
  get pendingCount(): number {
    return this.#pending;
  }

  schedule(delayMs: number, run: () => void): () => void {
    const wait: Wait = { due: this.now() + delayMs, run, isPending: true, cancel: undefined };
    this.#pending++;
    this.#arm(wait, delayMs);
    return () => {
      this.#settle(wait);
      wait.cancel?.();
    };
  }

  /** For what the network brings: see `VirtualTimer.scheduleArrival`. `delayMs` is the world's. */
  scheduleArrival(delayMs: number, run: () => void): () => void {
    const arrival: Arrival = { run, isCancelled: false };
    const cancel = this.#world.scheduleArrival(onGrid(delayMs), () => this.#arrived(arrival));
    return () => {
      cancel();
      arrival.isCancelled = true;
    };
  }

  /**
   * The event loop of this machine is blocked from now on for `ms` milliseconds of the world. Then
   * its late timers run, and after them everything that has arrived, the sockets in a drawn order.
   */
  stall(ms: number): void {
    this.#hold(ms, () => undefined);
  }

  /** The machine sleeps: nothing runs, `now()` stands still, and the wall clock goes on. */
  sleep(ms: number): void {
    if (this.#asleepSince !== undefined) throw new Error("the machine sleeps already");
    const since = this.#world.now();
    this.#asleepSince = since;
    this.#hold(ms, () => {
      this.#sleptMs += this.#world.now() - since;
      this.#asleepSince = undefined;
    });
  }

  /** The wall clock of this machine is set; it moves by `deltaMs`, which may be negative. */
  stepWall(deltaMs: number): void {
    this.#wallStepMs += deltaMs;
  }

  #arm(wait: Wait, ms: number): void {
    wait.cancel = this.#world.schedule(onGrid(ms), () => {
      const heldMs = this.#heldUntil - this.#world.now();
      // A clock that stood still meanwhile is behind the world's.
      const leftMs = wait.due - this.now();
      if (heldMs > 0) return this.#arm(wait, heldMs);
      if (leftMs > 0) return this.#arm(wait, leftMs);
      this.#settle(wait);
      wait.run();
    });
  }

  #settle(wait: Wait): void {
    if (wait.isPending) this.#pending--;
    wait.isPending = false;
  }

  #hold(forMs: number, over: () => void): void {
    const ms = onGrid(forMs);
    const until = this.#world.now() + ms;
    this.#heldUntil = Math.max(this.#heldUntil, until);
    // In front of the timers that are due then: scheduled first, or they schedule themselves again.
    this.#world.schedule(ms, () => {
      over();
      if (this.#heldUntil > until) return;
      this.#releaseArrivals();
    });
  }

  #arrived(arrival: Arrival): void {
    if (arrival.isCancelled) return;
    if (this.#heldUntil > this.#world.now()) this.#heldArrivals.push(arrival);
    else arrival.run();
  }

  #releaseArrivals(): void {
    const held = this.#heldArrivals.splice(0);
    while (held.length > 0) {
      const [next] = held.splice(this.#random.int(held.length), 1);
      if (next !== undefined) this.#world.scheduleArrival(0, () => this.#arrived(next));
    }
  }
}

/** At least as long, and a multiple of {@link TICK_MS}. */
function onGrid(ms: number): number {
  return Math.ceil(ms / TICK_MS) * TICK_MS;
}
