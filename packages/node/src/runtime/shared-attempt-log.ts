import type { Attempt, AttemptLog } from "@oath-ws/resilience";
import { METER_FIELDS } from "./sleep-meter.js";

/*
 * How this works. The memory begins with a lock and a meter of the machine's sleep, followed by one
 * record per key: the hash of the key, the number of attempts, the end of the block, and the times
 * of the newest attempts in ascending order. A thread takes the lock, reads or writes its record,
 * and gives the lock back; that takes microseconds. Times are those of a monotonic clock that all
 * threads read, plus what the shared meter counted of sleep. A thread's own gate may have noticed
 * more or less of it; the difference is looked at whenever the lock is taken. The time of an
 * attempt by a connection that never stood is stored negative.
 */

const KEYS = 64;
/** The attempts of a key that are remembered. */
export const ATTEMPTS_OF_KEY = 512;

const LOCK_BYTES = 8;
const HEAD_BYTES = LOCK_BYTES + METER_FIELDS * Float64Array.BYTES_PER_ELEMENT;
const HASH = 0;
const COUNT = 1;
const BLOCKED_UNTIL = 2;
const TIMES = 3;
const FIELDS = TIMES + ATTEMPTS_OF_KEY;
const RECORD_BYTES = FIELDS * Float64Array.BYTES_PER_ELEMENT;

/** How long another thread may hold the lock before it is taken for dead, in milliseconds. */
const LOCK_MS = 1_000;
const LOCK_WAIT_MS = 10;

export function sharedLogBytes(): number {
  return HEAD_BYTES + KEYS * RECORD_BYTES;
}

/**
 * What the times that threads share are ahead of those of this thread's gate, in milliseconds.
 * Called while no other thread uses the memory.
 *
 * @param fields of the meter of sleep that the threads share
 */
export type SharedOrigin = (fields: Float64Array) => number;

/** The attempts of one key in memory that threads share. */
export class SharedAttemptLog implements AttemptLog {
  readonly #memory: SharedArrayBuffer;
  readonly #lock: Int32Array;
  readonly #record: Float64Array;
  readonly #meter: Float64Array;
  readonly #originOf: SharedOrigin;
  /** What it was when the lock was last taken. */
  #origin = 0;

  constructor(memory: SharedArrayBuffer, key: string, origin: SharedOrigin) {
    this.#memory = memory;
    this.#lock = new Int32Array(memory, 0, 1);
    this.#meter = new Float64Array(memory, LOCK_BYTES, METER_FIELDS);
    this.#originOf = origin;
    this.#record = this.exclusively(() => this.#find(hashOf(key)));
  }

  exclusively<T>(run: () => T): T {
    this.#enter();
    try {
      this.#origin = this.#originOf(this.#meter);
      return run();
    } finally {
      Atomics.store(this.#lock, 0, 0);
      Atomics.notify(this.#lock, 0, 1);
    }
  }

  attempts(after: number): readonly Attempt[] {
    const count = this.#field(COUNT);
    const found: Attempt[] = [];
    for (let i = 0; i < count; i++) {
      const stored = this.#field(TIMES + i);
      const at = Math.abs(stored) - this.#origin;
      if (at > after) found.push({ at, proven: stored > 0 });
    }
    return found;
  }

  add({ at, proven }: Attempt): void {
    const record = this.#record;
    let count = this.#field(COUNT);
    if (count === ATTEMPTS_OF_KEY) {
      record.copyWithin(TIMES, TIMES + 1);
      count--;
    }
    const time = at + this.#origin;
    let place = TIMES + count;
    // Another thread's clock may be ahead by a little.
    for (; place > TIMES && Math.abs(this.#field(place - 1)) > time; place--)
      record[place] = this.#field(place - 1);
    record[place] = proven ? time : -time;
    record[COUNT] = count + 1;
  }

  get blockedUntil(): number {
    return this.#field(BLOCKED_UNTIL) - this.#origin;
  }

  block(until: number): void {
    this.#record[BLOCKED_UNTIL] = Math.max(this.#field(BLOCKED_UNTIL), until + this.#origin);
  }

  #field(index: number): number {
    return this.#record[index] ?? 0;
  }

  /** The record of the key, a free one, or the last, which further keys share. */
  #find(hash: number): Float64Array {
    for (let n = 0; ; n++) {
      const record = new Float64Array(this.#memory, HEAD_BYTES + n * RECORD_BYTES, FIELDS);
      const found = record[HASH];
      if (found !== 0 && found !== hash && n < KEYS - 1) continue;
      record[HASH] = hash;
      return record;
    }
  }

  #enter(): void {
    for (let waited = 0; Atomics.compareExchange(this.#lock, 0, 0, 1) !== 0; ) {
      // A thread that was terminated in there never gives the lock back: go in all the same.
      if (waited >= LOCK_MS) return;
      if (Atomics.wait(this.#lock, 0, 1, LOCK_WAIT_MS) === "timed-out") waited += LOCK_WAIT_MS;
    }
  }
}

/** 52 bits of FNV-1a, twice with different bases; never 0. */
function hashOf(key: string): number {
  let high = 0x811c9dc5;
  let low = 0xcbf29ce4;
  for (let i = 0; i < key.length; i++) {
    high = Math.imul(high ^ key.charCodeAt(i), 0x01000193);
    low = Math.imul(low ^ key.charCodeAt(i), 0x01000193);
  }
  return 1 + (high >>> 12) * 2 ** 32 + (low >>> 0);
}
