import { urlHost } from "@oath-ws/contract";

/** How many connection attempts are allowed in any window. */
export interface AttemptLimit {
  /** Attempts in any window of `windowMs`. */
  readonly max: number;
  /** Milliseconds. */
  readonly windowMs: number;
}

/** The right to attempt at a certain time. */
export interface AttemptSlot {
  /** Not before this time ({@link Timer.now} milliseconds). */
  readonly at: number;
}

interface Ledger {
  /** Attempts made and slots given out, ascending. */
  times: number[];
  blockedUntil: number;
  /** The longest window that anybody counts with; older times matter to nobody. */
  windowMs: number;
}

/** Options of {@link AttemptGate}. */
export interface AttemptGateOptions {
  /** Which attempts share a budget. Default: the URL's host and port. */
  readonly key?: ((url: string) => string) | undefined;
}

/**
 * The connection attempts of every connection that shares this gate, counted per key, so that many connections together keep a
 * venue's limit per address, and obey its `Retry-After` together. Slots are given out in the order in which they are asked for, so
 * a waiting connection is never overtaken and a hundred of them do not wake at once.
 *
 * All its users must share one clock. Pure bookkeeping: it holds no timer.
 */
export class AttemptGate {
  readonly #keyOf: (url: string) => string;
  readonly #ledgers = new Map<string, Ledger>();

  constructor(options?: AttemptGateOptions) {
    this.#keyOf = options?.key ?? urlHost;
  }

  /** Takes the next free slot. The caller attempts at `slot.at`, after asking {@link isBlocked} again, or releases it. */
  reserve(url: string, limit: AttemptLimit, now: number): AttemptSlot {
    this.#forgetIdle(now);
    const ledger = this.#ledger(url);
    ledger.windowMs = Math.max(ledger.windowMs, limit.windowMs);
    const { times } = ledger;
    const last = times.at(-1) ?? now;
    const limiting = times[times.length - limit.max];
    const free = limiting === undefined ? now : limiting + limit.windowMs;
    const at = Math.max(now, ledger.blockedUntil, last, free);
    times.push(at);
    return { at };
  }

  /** Gives back a slot that was not used. */
  release(url: string, slot: AttemptSlot): void {
    const { times } = this.#ledger(url);
    const index = times.lastIndexOf(slot.at);
    if (index !== -1) times.splice(index, 1);
  }

  /** No attempt before `until`: a server asked for it. A later penalty never shortens an earlier one. */
  block(url: string, until: number): void {
    const ledger = this.#ledger(url);
    ledger.blockedUntil = Math.max(ledger.blockedUntil, until);
  }

  /** Whether a server asked us to stay away beyond `now`. */
  isBlocked(url: string, now: number): boolean {
    return (this.#ledgers.get(this.#keyOf(url))?.blockedUntil ?? now) > now;
  }

  #ledger(url: string): Ledger {
    const key = this.#keyOf(url);
    let ledger = this.#ledgers.get(key);
    if (ledger === undefined) {
      ledger = { times: [], blockedUntil: Number.NEGATIVE_INFINITY, windowMs: 0 };
      this.#ledgers.set(key, ledger);
    }
    return ledger;
  }

  #forgetIdle(now: number): void {
    for (const [key, ledger] of this.#ledgers) {
      const kept = ledger.times.findIndex((at) => at > now - ledger.windowMs);
      if (kept === -1) ledger.times = [];
      else if (kept > 0) ledger.times.splice(0, kept);
      if (ledger.times.length === 0 && ledger.blockedUntil <= now) this.#ledgers.delete(key);
    }
  }
}
