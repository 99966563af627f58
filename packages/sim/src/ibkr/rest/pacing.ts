import type { VenueClock } from "../../clock.js";
import { RollingWindow } from "../../rules/rolling-window.js";
import type { IbkrPace } from "../options.js";

/** How requests are paced; durations in venue milliseconds. */
export interface PacingSettings {
  readonly requests: number;
  readonly windowMs: number;
  readonly paths: Readonly<Record<string, IbkrPace>>;
  readonly penaltyMs: number;
  readonly slackMs: number;
}

/** What the pacing rules say to a request. */
export type PaceVerdict = "served" | "violation" | "penalised";

/**
 * Limits of all requests together and by path (I-15). A request over any of them opens the penalty
 * box, in which nothing is served.
 */
export class Pacing {
  readonly #settings: PacingSettings;
  readonly #clock: VenueClock;
  readonly #all: RollingWindow;
  readonly #byPath: ReadonlyMap<string, RollingWindow>;
  #boxedUntil = 0;

  constructor(settings: PacingSettings, clock: VenueClock) {
    const window = ({ requests, windowMs }: IbkrPace): RollingWindow =>
      new RollingWindow(requests, windowMs, settings.slackMs);
    this.#settings = settings;
    this.#clock = clock;
    this.#all = window(settings);
    this.#byPath = new Map(
      Object.entries(settings.paths).map(([path, pace]) => [path, window(pace)]),
    );
  }

  /** Counts a request of this moment and decides about it. */
  judge(path: string, now: number): PaceVerdict {
    if (now < this.#boxedUntil) return "penalised";
    // Both are asked, so that both count it.
    const withinAll = this.#all.admit(now);
    const withinPath = this.#byPath.get(path)?.admit(now) ?? true;
    if (withinAll && withinPath) return "served";
    this.box(this.#settings.penaltyMs);
    return "violation";
  }

  /** Closes the box for so long. */
  box(forMs: number): void {
    this.#boxedUntil = this.#clock.now() + forMs;
  }

  /** Opens it. */
  release(): void {
    this.#boxedUntil = 0;
  }
}
