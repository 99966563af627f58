import type { ConfigIssue } from "@oath-ws/contract";
import { numberIssues, unknownKeyIssues } from "@oath-ws/venue-kit";

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
 * delay of the network can make us break it.
 */
class Limit {
  readonly #pace: Pace;
  /** When the last requests ended, oldest first. */
  readonly #ended: number[] = [];
  #underWay = 0;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  get readyAt(): number {
    const { max, windowMs, maxConcurrent = max } = this.#pace;
    if (this.#underWay >= Math.min(max, maxConcurrent)) return Number.POSITIVE_INFINITY;
    const last = this.#ended.at(this.#underWay - max);
    return last === undefined ? Number.NEGATIVE_INFINITY : last + windowMs;
  }

  begin(): void {
    this.#underWay++;
  }

  end(now: number): void {
    this.#underWay--;
    this.#ended.push(now);
    if (this.#ended.length > this.#pace.max) this.#ended.shift();
  }
}

/** Counts requests against the limits, without a clock of its own. */
export class Paces {
  readonly #all: Limit;
  readonly #byPath: readonly (readonly [path: string, limit: Limit])[];

  constructor({ global = GLOBAL, paths = {} }: PacingOptions = {}) {
    this.#all = new Limit(global);
    this.#byPath = Object.entries({ ...PACES, ...paths }).map(([path, pace]) => [
      path,
      new Limit(pace),
    ]);
  }

  /**
   * When a request may be made, as far as is known now (milliseconds of the clock that `end` is told); infinite
   * while others have to end first.
   */
  readyAt(path: string): number {
    return Math.max(...this.#limits(path).map(({ readyAt }) => readyAt));
  }

  /** A request is made. Gives what to call when it has ended. */
  begin(path: string): (now: number) => void {
    const limits = this.#limits(path);
    for (const limit of limits) limit.begin();
    return (now) => {
      for (const limit of limits) limit.end(now);
    };
  }

  #limits(path: string): readonly Limit[] {
    const bare = path.replace(/\?.*$/, "");
    const own = this.#byPath
      .filter(([prefix]) => bare === prefix || bare.startsWith(`${prefix}/`))
      .map(([, limit]) => limit);
    return [this.#all, ...own];
  }
}

const PACING_KEYS: Readonly<Record<keyof PacingOptions, true>> = { global: true, paths: true };
const PACE_KEYS: Readonly<Record<keyof Pace, true>> = {
  max: true,
  windowMs: true,
  maxConcurrent: true,
};
const PACE_RULES = {
  max: { min: 1, max: 10_000, whole: true },
  windowMs: { min: 1 },
  maxConcurrent: { min: 1, whole: true },
};

/** Everything that is wrong with pacing options. */
export function pacingIssues(options: PacingOptions = {}): ConfigIssue[] {
  const named: [string, Pace][] = Object.entries(options.paths ?? {}).map(([path, pace]) => [
    `pacing.paths["${path}"].`,
    pace,
  ]);
  if (options.global !== undefined) named.unshift(["pacing.global.", options.global]);
  return [
    ...unknownKeyIssues(options, PACING_KEYS, "pacing."),
    ...named.flatMap(([prefix, pace]) => [
      ...unknownKeyIssues(pace, PACE_KEYS, prefix),
      ...(["max", "windowMs"] as const)
        .filter((key) => pace[key] === undefined)
        .map((key) => ({ path: prefix + key, message: "is required" })),
      ...numberIssues({ ...pace }, PACE_RULES, prefix),
    ]),
  ];
}
