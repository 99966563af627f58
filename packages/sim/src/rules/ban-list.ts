import { RollingWindow } from "./rolling-window.js";

/** How bans work; durations in venue milliseconds. */
export interface BanSettings {
  readonly afterViolations: number;
  readonly windowMs: number;
  readonly durationMs: number;
  readonly maxDurationMs: number;
}

interface Offender {
  /** Admits one violation less than it takes. */
  readonly violations: RollingWindow;
  bans: number;
  until: number;
}

/**
 * Which IP addresses are banned, and until when. Repeated bans grow: 2 minutes to 3 days, says the
 * venue.
 */
export class BanList {
  readonly #settings: BanSettings;
  readonly #offenders: Map<string, Offender> = new Map();

  constructor(settings: BanSettings) {
    this.#settings = settings;
  }

  /** Counts a violation; true if it is one too many, which calls for {@link ban}. */
  violate(address: string, now: number): boolean {
    return !this.#offender(address).violations.admit(now);
  }

  /** Bans an address from `now` on. Returns the end of the ban. */
  ban(address: string, now: number, forMs?: number): number {
    const offender = this.#offender(address);
    const grown = Math.min(
      this.#settings.durationMs * 2 ** offender.bans,
      this.#settings.maxDurationMs,
    );
    offender.bans++;
    offender.until = now + (forMs ?? grown);
    return offender.until;
  }

  /** Lifts the ban of an address, or of all. */
  unban(address?: string): void {
    if (address === undefined) this.#offenders.clear();
    else this.#offenders.delete(address);
  }

  /** Venue milliseconds until the ban ends; `undefined` if there is none. */
  remainingMs(address: string, now: number): number | undefined {
    const until = this.#offenders.get(address)?.until ?? 0;
    return until > now ? until - now : undefined;
  }

  #offender(address: string): Offender {
    const known = this.#offenders.get(address);
    if (known !== undefined) return known;
    const violations = new RollingWindow(
      this.#settings.afterViolations - 1,
      this.#settings.windowMs,
    );
    const made: Offender = { violations, bans: 0, until: 0 };
    this.#offenders.set(address, made);
    return made;
  }
}
