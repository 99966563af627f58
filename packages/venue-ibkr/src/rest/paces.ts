import type { Timer } from "@oath-ws/contract";
import { count, duration, each, group, number, required, RollingLimit } from "@oath-ws/venue-kit";
import type { AdmissionRule, OptionRule } from "@oath-ws/venue-kit";

/** How often a path may be asked. */
export interface Pace {
  /** Requests in any window, and under way at once. */
  readonly max: number;
  /** Milliseconds. */
  readonly windowMs: number;
  /** Requests under way at once, if fewer. */
  readonly maxConcurrent?: number | undefined;
}

/** Limits laid over the documented ones. */
export interface PacingOptions {
  /**
   * Of all requests together. Default 9 in 1 050 ms: the gateway allows 10 a second, and other
   * programs of the user may ask it, too.
   */
  readonly global?: Pace | undefined;
  /**
   * By path below the base, and all below it: `/iserver/account/orders`. In addition to the
   * documented ones, or in their place.
   */
  readonly paths?: Readonly<Record<string, Pace>> | undefined;
}

const GLOBAL: Pace = { max: 9, windowMs: 1_050 };

const every = (ms: number): Pace => ({ max: 1, windowMs: ms + Math.max(100, ms / 50) });

/**
 * The documented limits (I-15), each a little wider than the venue's, whose clock need not
 * run as ours does.
 */
export const PACES: Readonly<Record<string, Pace>> = {
  "/tickle": every(1_000),
  "/sso/validate": every(60_000),
  "/iserver/account/orders": every(5_000),
  "/iserver/account/trades": every(5_000),
  "/iserver/account/pnl/partitioned": every(5_000),
  "/portfolio/accounts": every(5_000),
  "/portfolio/subaccounts": every(5_000),
  "/iserver/marketdata/snapshot": { max: 9, windowMs: 1_050 },
  "/iserver/marketdata/history": { max: 9, windowMs: 1_050, maxConcurrent: 5 },
  "/iserver/scanner/params": every(900_000),
  "/iserver/scanner/run": every(1_000),
  "/pa": every(900_000),
  "/fyi": every(1_000),
};

/**
 * One limit. A request counts from its beginning until so long after its answer: when it reached
 * the venue in between is not known, and what is spaced out here may bunch up on the way. So no
 * delay of the network can make us break it, as long as answers come. A request that was given up
 * may still be on its way: it counts as ended when as much time has passed again.
 */
class Limit {
  readonly #ended: RollingLimit;
  readonly #maxUnderWay: number;
  #underWay = 0;

  constructor({ max, windowMs, maxConcurrent = max }: Pace) {
    this.#ended = new RollingLimit({ max, windowMs });
    this.#maxUnderWay = Math.min(max, maxConcurrent);
  }

  waitMs(now: number): number {
    if (this.#underWay >= this.#maxUnderWay) return Number.POSITIVE_INFINITY;
    return this.#ended.waitMs(now, this.#underWay + 1);
  }

  begin(): void {
    this.#underWay++;
  }

  end(now: number, onWayMs: number): void {
    this.#underWay--;
    this.#ended.spend(now, 1, onWayMs);
  }
}

/** Counts requests against the limits, by their paths. */
export class Paces implements AdmissionRule<string> {
  readonly #timer: Timer;
  readonly #all: Limit;
  readonly #byPath: readonly (readonly [path: string, limit: Limit])[];

  constructor(timer: Timer, { global = GLOBAL, paths = {} }: PacingOptions = {}) {
    this.#timer = timer;
    this.#all = new Limit(global);
    this.#byPath = Object.entries({ ...PACES, ...paths }).map(([path, pace]) => [
      path,
      new Limit(pace),
    ]);
  }

  waitMs(path: string): number {
    const now = this.#timer.now();
    return Math.max(...this.#limits(path).map((limit) => limit.waitMs(now)));
  }

  admit(path: string): void {
    for (const limit of this.#limits(path)) limit.begin();
  }

  /**
   * A request that was admitted has ended.
   *
   * @param onWayMs how long it may still be on its way to the venue, in milliseconds
   */
  ended(path: string, onWayMs: number): void {
    for (const limit of this.#limits(path)) limit.end(this.#timer.now(), onWayMs);
  }

  #limits(path: string): readonly Limit[] {
    const bare = path.replace(/\?.*$/, "");
    const own = this.#byPath
      .filter(([prefix]) => bare === prefix || bare.startsWith(`${prefix}/`))
      .map(([, limit]) => limit);
    return [this.#all, ...own];
  }
}

const PACE = group<Pace>({
  max: required(number({ min: 1, max: 10_000, whole: true })),
  windowMs: required(duration),
  maxConcurrent: count,
});

/** What pacing options must be. */
export const PACING: OptionRule = group<PacingOptions>({ global: PACE, paths: each(PACE) });
