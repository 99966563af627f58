import type { VenueClock } from "./clock.js";
import { type AtOnce, UpgradeFaults } from "./faults/upgrade-faults.js";
import type { LimitByKey } from "./rules/limit-by-key.js";
import type { Refusal } from "./wire/refuse-upgrade.js";

/** What becomes of an attempt to connect. */
export type Verdict<Reason> =
  | { readonly kind: "accept"; readonly endAtOnce: AtOnce | undefined }
  | { readonly kind: "refuse"; readonly reason: Reason; readonly refusal: Refusal };

/**
 * Decides about attempts to connect: the limit of attempts, by IP and by what else the venue tells
 * apart, and the faults that wait for the next ones.
 */
export class VenueAdmission {
  /** Those that wait for the next attempts. */
  readonly faults: UpgradeFaults = new UpgradeFaults();
  readonly #clock: VenueClock;
  readonly #journal: { count(counter: "connectViolations"): void };
  readonly #limit: LimitByKey;

  constructor(
    limit: LimitByKey,
    clock: VenueClock,
    journal: { count(counter: "connectViolations"): void },
  ) {
    this.#limit = limit;
    this.#clock = clock;
    this.#journal = journal;
  }

  /** Counts an attempt and decides about it. Attempts with the same key share a limit. */
  judge(key: string): Verdict<"connect-limit" | "fault"> {
    const now = this.#clock.now();
    if (!this.#limit.admit(key, now)) {
      this.#journal.count("connectViolations");
      const waitMs = this.#limit.waitMs(key, now);
      const refusal = { status: 429, headers: this.#clock.retryAfter(waitMs) };
      return { kind: "refuse", reason: "connect-limit", refusal };
    }
    const refusal = this.faults.nextRefusal();
    if (refusal !== undefined) return { kind: "refuse", reason: "fault", refusal };
    return { kind: "accept", endAtOnce: this.faults.nextEnding() };
  }
}
