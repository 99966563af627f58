import { uptime } from "node:os";

/** The clocks that a {@link SleepMeter} compares, in milliseconds. */
export interface SleepClocks {
  /** Monotonic; stands still while the machine sleeps. */
  now(): number;
  wallNow(): number;
  /**
   * How long the machine has been up, sleep included and steps of the wall clock not. `undefined`
   * where the platform cannot tell.
   */
  uptimeMs(): number | undefined;
}

/** Differences up to this are no sleep, in milliseconds: the uptime counts in whole seconds. */
const LEAST_MS = 5_000;

const IS_SET = 0;
/** How far the wall clock was ahead of the monotonic one when sleep was last looked for. */
const WALL_LEAD = 1;
/** The same of the uptime when sleep was last found. */
const UPTIME_LEAD = 2;
const SLEPT = 3;
/** How many numbers a meter's memory has. */
export const METER_FIELDS = 4;

/**
 * Measures how long the machine slept. The wall clock is cheap to read and gives the hint: it left
 * the monotonic clock by more than 5 s. The uptime, which the system has to be asked for, then
 * tells sleep from a step. Where there is no uptime, a gain of the wall clock over 5 s between two
 * readings is taken for sleep.
 */
export class SleepMeter {
  readonly #clocks: SleepClocks;
  readonly #fields: Float64Array;

  /** @param fields where the state is kept; threads that share it share one meter */
  constructor(clocks: SleepClocks, fields: Float64Array = new Float64Array(METER_FIELDS)) {
    this.#clocks = clocks;
    this.#fields = fields;
    if (fields[IS_SET] !== 0) return;
    const now = clocks.now();
    fields[WALL_LEAD] = clocks.wallNow() - now;
    fields[UPTIME_LEAD] = (clocks.uptimeMs() ?? 0) - now;
    fields[IS_SET] = 1;
  }

  /** Milliseconds of sleep since the meter was made. */
  read(): number {
    const now = this.#clocks.now();
    const lead = this.#clocks.wallNow() - now;
    const gained = lead - this.#at(WALL_LEAD);
    const slept = this.#at(SLEPT);
    if (Math.abs(gained) <= LEAST_MS) return slept;
    const uptimeMs = this.#clocks.uptimeMs();
    this.#fields[WALL_LEAD] = lead;
    const sleptNow = uptimeMs === undefined ? gained : uptimeMs - now - this.#at(UPTIME_LEAD);
    if (sleptNow <= LEAST_MS) return slept;
    if (uptimeMs !== undefined) this.#fields[UPTIME_LEAD] = uptimeMs - now;
    this.#fields[SLEPT] = slept + sleptNow;
    return slept + sleptNow;
  }

  #at(field: number): number {
    return this.#fields[field] ?? 0;
  }
}

/**
 * The uptime where it counts sleep and not steps of the wall clock: on Linux, and on Windows, whose
 * `GetTickCount64` does. Deno asks its user for a permission first, so it is not asked there. In a
 * process that may not read it there is none.
 */
export function uptimeMs(): number | undefined {
  const { platform, versions } = process;
  if ((platform !== "linux" && platform !== "win32") || "deno" in versions) return undefined;
  try {
    return uptime() * 1_000;
  } catch {
    return undefined;
  }
}
