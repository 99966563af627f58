import type { VenueClock } from "../clock.js";
import type { BanList } from "../rules/ban-list.js";
import { ConnectLimit } from "../rules/connect-limit.js";
import type { Refusal } from "../wire/refuse-upgrade.js";
import type { Journal } from "./journal.js";
import type { BinanceSettings } from "./resolve-options.js";
import type { Endpoint, RefusalReason } from "./stats.js";

/** How an accepted connection is ended at once; without a code by a TCP reset. */
export interface AtOnce {
  readonly code: number | undefined;
  readonly reason: string;
}

/** What becomes of an attempt to connect. */
export type Verdict =
  | { readonly kind: "accept"; readonly endAtOnce: AtOnce | undefined }
  | { readonly kind: "refuse"; readonly reason: RefusalReason; readonly refusal: Refusal };

/** Decides about attempts to connect: bans, the attempt limit (B-9), and the faults that wait for the next ones. */
export class Admission {
  readonly #settings: BinanceSettings;
  readonly #clock: VenueClock;
  readonly #bans: BanList;
  readonly #journal: Journal;
  readonly #limits: Readonly<Record<Endpoint, ConnectLimit>>;
  #refusals: Array<{ readonly refusal: Refusal; left: number }> = [];
  #endings: Array<{ readonly how: AtOnce; left: number }> = [];

  constructor(settings: BinanceSettings, clock: VenueClock, bans: BanList, journal: Journal) {
    this.#settings = settings;
    this.#clock = clock;
    this.#bans = bans;
    this.#journal = journal;
    const { connects, connectWindowMs } = settings.limits;
    this.#limits = {
      stream: new ConnectLimit(connects, connectWindowMs),
      "ws-api": new ConnectLimit(connects, connectWindowMs),
    };
  }

  /** Counts an attempt and decides about it. */
  judge(endpoint: Endpoint, address: string): Verdict {
    const now = this.#clock.now();
    const banned = this.#bans.remainingMs(address, now);
    if (banned !== undefined) {
      const refusal = { status: this.#settings.bans.status, headers: { "Retry-After": this.retryAfter(banned) } };
      return { kind: "refuse", reason: "banned", refusal };
    }
    const wait = this.#limits[endpoint].attempt(address, now);
    if (wait !== undefined) {
      this.#journal.count("connectViolations");
      const refusal = { status: 429, headers: { "Retry-After": this.retryAfter(wait) } };
      return { kind: "refuse", reason: "connect-limit", refusal };
    }
    const refused = takeOne(this.#refusals);
    if (refused !== undefined) return { kind: "refuse", reason: "fault", refusal: refused.refusal };
    return { kind: "accept", endAtOnce: takeOne(this.#endings)?.how };
  }

  /** The next `count` attempts that would be accepted get an HTTP answer instead. */
  refuseNext(count: number, refusal: Refusal): void {
    this.#refusals.push({ refusal, left: count });
  }

  /** The next `count` accepted connections are ended at once. */
  endNext(count: number, how: AtOnce): void {
    this.#endings.push({ how, left: count });
  }

  /** Forgets the faults that wait. */
  clear(): void {
    this.#refusals = [];
    this.#endings = [];
  }

  /** A venue duration as the seconds of a `Retry-After` header: real seconds, rounded up, so that a client may obey it. */
  retryAfter(venueMs: number): string {
    return String(Math.max(1, Math.ceil(this.#clock.toReal(venueMs) / 1_000)));
  }
}

function takeOne<T extends { left: number }>(queue: T[]): T | undefined {
  const head = queue[0];
  if (head === undefined) return undefined;
  head.left--;
  if (head.left <= 0) queue.shift();
  return head;
}
