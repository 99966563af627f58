import type { KeyEntry } from "../engine/engine.js";
import { jsonOrNothing, writeJson } from "../wire/json.js";

/** What stands in a lease. */
export interface LeaseBody {
  /** The owner's line; see `BatchHead.line`. */
  readonly line: string;
  readonly term: number;
  /** The owner gave it up: another may take it at once. */
  readonly released: boolean;
}

/** How a lease looks to one who wants it. */
export interface LeaseView {
  readonly isFree: boolean;
  /** The revision to write over; 0 where there is none. */
  readonly revision: number;
  /** The highest term that is known of it. */
  readonly term: number;
  readonly isOurs: boolean;
}

/**
 * Decides whether a lease may be taken. It has expired when its revision did not change for
 * `leaseMs` of the watcher's own clock; the times of different machines are never compared. A time
 * during which the engine was away does not count: call {@link forget} then.
 */
export class LeaseWatch {
  readonly #line: string;
  readonly #leaseMs: number;
  #revision: number | undefined;
  #since = 0;

  constructor(line: string, leaseMs: number) {
    this.#line = line;
    this.#leaseMs = leaseMs;
  }

  /** The engine was away: the owner could not renew its lease. */
  forget(): void {
    this.#revision = undefined;
  }

  /** The lease was read. `now` is when it was asked for, in milliseconds. */
  seen(entry: KeyEntry | undefined, now: number): LeaseView {
    if (entry === undefined) return { isFree: true, revision: 0, term: 0, isOurs: false };
    const { revision } = entry;
    if (revision !== this.#revision) {
      this.#revision = revision;
      this.#since = now;
    }
    const body = readLease(entry.value);
    const isOurs = body?.line === this.#line;
    const isExpired = now - this.#since >= this.#leaseMs;
    const isFree = isOurs || body?.released === true || isExpired;
    return { isFree, revision, term: body?.term ?? 0, isOurs };
  }
}

/** What stands in a lease; `undefined` for what no relay wrote. */
function readLease(value: Uint8Array): LeaseBody | undefined {
  const { line, term, released } = Object(jsonOrNothing(value)) as Partial<LeaseBody>;
  if (typeof line !== "string" || typeof released !== "boolean") return undefined;
  return Number.isSafeInteger(term) ? { line, term: Number(term), released } : undefined;
}

export function writeLease(body: LeaseBody): Uint8Array {
  return writeJson(body);
}
