import type { VenueClock } from "../clock.js";
import { type AtOnce, UpgradeFaults } from "../faults/upgrade-faults.js";
import { ConnectLimit } from "../rules/connect-limit.js";
import type { Refusal } from "../wire/refuse-upgrade.js";
import type { CoinbaseJournal } from "./journal.js";
import type { CoinbaseSettings } from "./resolve-options.js";

/** What becomes of an attempt to connect. */
export type AdmissionVerdict =
  | { readonly kind: "accept"; readonly endAtOnce: AtOnce | undefined }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/**
 * Decides about attempts to connect: the limit of both endpoints together (C-14), and the faults
 * that wait for the next ones.
 */
export class CoinbaseAdmission {
  /** Those that wait for the next attempts. */
  readonly faults: UpgradeFaults = new UpgradeFaults();
  readonly #clock: VenueClock;
  readonly #journal: CoinbaseJournal;
  readonly #limit: ConnectLimit;

  constructor({ limits }: CoinbaseSettings, clock: VenueClock, journal: CoinbaseJournal) {
    this.#clock = clock;
    this.#journal = journal;
    this.#limit = new ConnectLimit(
      limits.connects,
      Math.max(0, limits.connectWindowMs - limits.slackMs),
    );
  }

  judge(address: string): AdmissionVerdict {
    const waitMs = this.#limit.attempt(address, this.#clock.now());
    if (waitMs !== undefined) {
      this.#journal.count("connectViolations");
      const seconds = Math.max(1, Math.ceil(this.#clock.toReal(waitMs) / 1_000));
      return {
        kind: "refuse",
        refusal: { status: 429, headers: { "Retry-After": String(seconds) } },
      };
    }
    const refusal = this.faults.nextRefusal();
    return refusal === undefined
      ? { kind: "accept", endAtOnce: this.faults.nextEnding() }
      : { kind: "refuse", refusal };
  }
}
