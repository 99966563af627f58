import type { VenueClock } from "../clock.js";
import { ConnectLimit } from "../rules/connect-limit.js";
import type { Refusal } from "../wire/refuse-upgrade.js";
import type { CoinbaseJournal } from "./journal.js";
import type { CoinbaseSettings } from "./resolve-options.js";

/** How an accepted connection is ended at once; without a code by a TCP reset. */
export interface EndAtOnce {
  readonly code: number | undefined;
  readonly reason: string;
}

/** What becomes of an attempt to connect. */
export type AdmissionVerdict =
  | { readonly kind: "accept"; readonly endAtOnce: EndAtOnce | undefined }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** Decides about attempts to connect: the limit of both endpoints together (C-14), and the faults that wait for the next ones. */
export class CoinbaseAdmission {
  readonly #clock: VenueClock;
  readonly #journal: CoinbaseJournal;
  readonly #limit: ConnectLimit;
  #refusals: Refusal[] = [];
  #endings: EndAtOnce[] = [];

  constructor({ limits }: CoinbaseSettings, clock: VenueClock, journal: CoinbaseJournal) {
    this.#clock = clock;
    this.#journal = journal;
    this.#limit = new ConnectLimit(limits.connects, Math.max(0, limits.connectWindowMs - limits.slackMs));
  }

  judge(address: string): AdmissionVerdict {
    const waitMs = this.#limit.attempt(address, this.#clock.now());
    if (waitMs !== undefined) {
      this.#journal.count("connectViolations");
      const seconds = Math.max(1, Math.ceil(this.#clock.toReal(waitMs) / 1_000));
      return { kind: "refuse", refusal: { status: 429, headers: { "Retry-After": String(seconds) } } };
    }
    const refusal = this.#refusals.shift();
    return refusal === undefined ? { kind: "accept", endAtOnce: this.#endings.shift() } : { kind: "refuse", refusal };
  }

  refuseNext(count: number, refusal: Refusal): void {
    for (let left = count; left > 0; left--) this.#refusals.push(refusal);
  }

  endNext(count: number, how: EndAtOnce): void {
    for (let left = count; left > 0; left--) this.#endings.push(how);
  }

  /** Forgets the faults that wait. */
  clear(): void {
    this.#refusals = [];
    this.#endings = [];
  }
}
