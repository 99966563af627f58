import type { VenueClock } from "../clock.js";
import type { BanList } from "../rules/ban-list.js";
import { LimitByKey } from "../rules/limit-by-key.js";
import type { UpgradeFaults } from "../faults/upgrade-faults.js";
import { VenueAdmission, type Verdict } from "../venue-admission.js";
import { type Firewall, FIREWALL_REFUSAL } from "./firewall.js";
import type { Journal } from "./journal.js";
import type { BinanceSettings } from "./resolve-options.js";
import type { Endpoint, RefusalReason } from "./stats.js";

/**
 * Decides about attempts to connect: the firewall, bans, the limit of attempts by IP and endpoint
 * (B-9), and the faults that wait for the next ones.
 */
export class Admission {
  readonly #bans: BanList;
  readonly #banStatus: number;
  readonly #clock: VenueClock;
  readonly #firewall: Firewall;
  readonly #attempts: VenueAdmission;

  constructor(
    { limits, bans: { status } }: BinanceSettings,
    clock: VenueClock,
    bans: BanList,
    journal: Journal,
    firewall: Firewall,
  ) {
    this.#bans = bans;
    this.#banStatus = status;
    this.#clock = clock;
    this.#firewall = firewall;
    const limit = new LimitByKey(limits.connects, limits.connectWindowMs);
    this.#attempts = new VenueAdmission(limit, clock, journal);
  }

  /** Those that wait for the next attempts. */
  get faults(): UpgradeFaults {
    return this.#attempts.faults;
  }

  /** Counts an attempt and decides about it. */
  judge(endpoint: Endpoint, address: string): Verdict<RefusalReason> {
    if (this.#firewall.blocks)
      return { kind: "refuse", reason: "firewall", refusal: FIREWALL_REFUSAL };
    const bannedMs = this.#bans.remainingMs(address, this.#clock.now());
    if (bannedMs === undefined) return this.#attempts.judge(`${endpoint} ${address}`);
    const refusal = { status: this.#banStatus, headers: this.#clock.retryAfter(bannedMs) };
    return { kind: "refuse", reason: "banned", refusal };
  }
}
