import { urlHost } from "@oath-ws/contract";

/** How many connection attempts are allowed in any window. */
export interface AttemptLimit {
  /** Attempts in any window of `windowMs`. */
  readonly max: number;
  /** Milliseconds. */
  readonly windowMs: number;
}

/** A place in the queue for an attempt. */
export interface AttemptSlot {
  /** When the attempt may be made, as far as is known now ({@link Timer.now} milliseconds). */
  readonly at: number;
}

interface Ledger {
  /** Times of the attempts that were made, ascending. */
  made: number[];
  /** Slots that were given out and not used yet, in that order. */
  waiting: AttemptSlot[];
  blockedUntil: number;
  /** The longest window that anybody counts with; older times matter to nobody. */
  windowMs: number;
}

/** Options of {@link AttemptGate}. */
export interface AttemptGateOptions {
  /**
   * Which attempts share a budget: a string for a URL. Default: the URL's host and port. Tried when
   * a connection is asked for, which rejects with a `ConfigError` at `gate.key` if it throws or
   * gives no string. If it fails later, the default stands in: a reconnect must not hang on it.
   */
  readonly key?: ((url: string) => string) | undefined;
}

/**
 * The connection attempts of every connection that shares this gate, counted per key, so that many
 * connections together keep a venue's limit per address, and obey its `Retry-After` together. Slots
 * are given out in the order in which they are asked for, so a waiting connection is never
 * overtaken and a hundred of them do not wake at once.
 *
 * All its users must share one clock. Pure bookkeeping: it holds no timer.
 */
export class AttemptGate {
  readonly #keyOf: (url: string) => string;
  readonly #ledgers = new Map<string, Ledger>();

  constructor(options?: AttemptGateOptions) {
    this.#keyOf = options?.key ?? urlHost;
  }

  /**
   * What is wrong with the `key` function, tried on this URL; `undefined` when nothing is. Shows
   * neither the URL nor what was thrown.
   */
  keyFault(url: string): string | undefined {
    const asked = this.#ask(url);
    return "fault" in asked ? `must give a string for a URL, ${asked.fault}` : undefined;
  }

  /**
   * Takes the next free slot. The caller comes back at `slot.at` and {@link claim}s it, or
   * {@link release}s it.
   */
  reserve(url: string, limit: AttemptLimit, now: number): AttemptSlot {
    this.#forgetIdle(now);
    const ledger = this.#ledger(url, limit.windowMs);
    const { made, waiting } = ledger;
    const ahead = waiting[waiting.length - limit.max];
    const slot = {
      at: Math.max(
        now,
        ledger.blockedUntil,
        waiting.at(-1)?.at ?? now,
        // A slot that is overdue will be used now at the earliest.
        ahead === undefined ? now : Math.max(ahead.at, now) + limit.windowMs,
        (made[made.length + waiting.length - limit.max] ?? Number.NEGATIVE_INFINITY) +
          limit.windowMs,
        (made[made.length - limit.max] ?? Number.NEGATIVE_INFINITY) + limit.windowMs,
      ),
    };
    waiting.push(slot);
    return slot;
  }

  /**
   * Uses a slot: `true` when the attempt may be made now. `false` when it may not, because a server
   * asked us to stay away meanwhile, or because late timers made attempts bunch up (they count from
   * when they were made); the slot is gone then, reserve another one.
   */
  claim(url: string, slot: AttemptSlot, limit: AttemptLimit, now: number): boolean {
    this.release(url, slot);
    const ledger = this.#ledger(url, limit.windowMs);
    const limiting = ledger.made[ledger.made.length - limit.max];
    if (ledger.blockedUntil > now || (limiting !== undefined && limiting + limit.windowMs > now))
      return false;
    ledger.made.push(now);
    return true;
  }

  /** Gives back a slot that was not used. */
  release(url: string, slot: AttemptSlot): void {
    const { waiting } = this.#ledger(url, 0);
    const index = waiting.indexOf(slot);
    if (index !== -1) waiting.splice(index, 1);
  }

  /**
   * No attempt before `until`: a server asked for it. A later penalty never shortens an earlier
   * one.
   */
  block(url: string, until: number): void {
    const ledger = this.#ledger(url, 0);
    ledger.blockedUntil = Math.max(ledger.blockedUntil, until);
  }

  /** Until when a server asked us to stay away; in the past when it may be tried. */
  blockedUntil(url: string): number {
    return this.#ledgers.get(this.#key(url))?.blockedUntil ?? Number.NEGATIVE_INFINITY;
  }

  #key(url: string): string {
    const asked = this.#ask(url);
    return "fault" in asked ? urlHost(url) : asked.key;
  }

  #ask(url: string): { readonly key: string } | { readonly fault: string } {
    try {
      const key: unknown = this.#keyOf(url);
      return typeof key === "string"
        ? { key }
        : { fault: `gave ${key === null ? "null" : typeof key}` };
    } catch (error) {
      return { fault: `threw ${error instanceof Error ? error.name : typeof error}` };
    }
  }

  #ledger(url: string, windowMs: number): Ledger {
    const key = this.#key(url);
    let ledger = this.#ledgers.get(key);
    if (ledger === undefined) {
      ledger = { made: [], waiting: [], blockedUntil: Number.NEGATIVE_INFINITY, windowMs };
      this.#ledgers.set(key, ledger);
    }
    ledger.windowMs = Math.max(ledger.windowMs, windowMs);
    return ledger;
  }

  #forgetIdle(now: number): void {
    for (const [key, ledger] of this.#ledgers) {
      const kept = ledger.made.findIndex((at) => at > now - ledger.windowMs);
      ledger.made.splice(0, kept === -1 ? ledger.made.length : kept);
      // Overdue by a window: its owner is gone. Should it come back after all, the claim counts
      // what was really made.
      ledger.waiting = ledger.waiting.filter(({ at }) => at > now - ledger.windowMs);
      if (ledger.made.length + ledger.waiting.length === 0 && ledger.blockedUntil <= now)
        this.#ledgers.delete(key);
    }
  }
}
