/**
 * Clocks and timers. The stack reads time nowhere else, so a virtual timer makes a day of outages
 * run in milliseconds.
 */
export interface Timer {
  /** Monotonic milliseconds from an arbitrary origin; fractions allowed. */
  now(): number;
  /**
   * Wall-clock milliseconds since the Unix epoch. Read to notice that the machine slept, and for
   * the times that frames carry.
   */
  wallNow(): number;
  /**
   * How long the machine slept so far while `now()` stood still, in milliseconds from an arbitrary
   * origin; it never falls. Only for a platform that can tell sleep from a step of the wall clock:
   * a step must not change it. Waits that protect others (the attempt gate, `Retry-After`) count
   * it. Without it, they take a gain of the wall clock over 5 s for sleep.
   */
  sleptMs?(): number;
  /**
   * Calls `run` once, not before `delayMs` milliseconds from now, never synchronously. Any finite
   * delay >= 0 must work, also beyond what the platform's own timer can count. Returns the function
   * that cancels. A scheduled run may keep the process alive (a bot that waits out an outage must
   * not exit); the caller that schedules cancels what is no longer wanted.
   */
  schedule(delayMs: number, run: () => void): () => void;
}

/**
 * Gives a name that no other call gives, over processes and time: 128 random bits as 32 hexadecimal
 * digits. A simulation draws them from its seed.
 */
export type NewId = () => string;

/**
 * Returns a function that calls `fn` in the async context of the call of `bind`
 * (`AsyncLocalStorage`), with the same arguments and `this`; `fn` itself on a platform that has no
 * such contexts. Hooks and listeners thereby run in the context in which they were given, never in
 * that of a caller who asked for a reconnect.
 */
export type Bind = <Fn extends (...args: never[]) => unknown>(fn: Fn) => Fn;

/**
 * What a platform reports of its surroundings:
 *
 * - `offline`: it has no network. Attempts are put off while it stays so
 * - `online`: it has one again, perhaps another one
 * - `awake`: it runs us again after a time in which it may not have (a tab that is visible again)
 */
export type SurroundingsEvent = "offline" | "online" | "awake";

/**
 * The surroundings of a connection, on platforms that report them. `watch` calls `listener` with
 * each event, and with `offline` before it returns if that is how things are. It returns the
 * function that ends the watch. The listener does not throw.
 */
export interface Surroundings {
  watch(listener: (event: SurroundingsEvent) => void): () => void;
}

/** Uniform randomness for jitter. Not used for anything that has to be unpredictable. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/**
 * Something that runs in turns. `poll` does what can be done now and returns; before it returns
 * `"pending"` it has made sure that `wake` will be called when there is more to do. After `"done"`
 * it is never polled again. It must not throw.
 */
export interface Task {
  poll(wake: () => void): "pending" | "done";
}

/**
 * Schedules the turns of tasks. An implementation polls a spawned task once, later than the call to
 * `spawn`, and again after each `wake`; several wakes before a turn make one turn, a wake during a
 * turn makes another one, and no turn runs inside another.
 */
export interface Spawn {
  spawn(task: Task): void;
}
