import type { VenueClock } from "../clock.js";
import { type AtOnce, UpgradeFaults } from "../faults/upgrade-faults.js";
import type { BanList } from "../rules/ban-list.js";
import { ConnectLimit } from "../rules/connect-limit.js";
import type { Refusal } from "../wire/refuse-upgrade.js";
import { type Firewall, FIREWALL_REFUSAL } from "./firewall.js";
import type { Journal } from "./journal.js";
import type { BinanceSettings } from "./resolve-options.js";
import type { Endpoint, RefusalReason } from "./stats.js";

/** What becomes of an attempt to connect. */
export type Verdict =
  | { readonly kind: "accept"; readonly endAtOnce: AtOnce | undefined }
  | { readonly kind: "refuse"; readonly reason: RefusalReason; readonly refusal: Refusal };

/**
 * Decides about attempts to connect: bans, the attempt limit (B-9), and the faults that wait for
 * the next ones.
 */
export class Admission {
  /** Those that wait for the next attempts. */
  readonly faults: UpgradeFaults = new UpgradeFaults();
  readonly #settings: BinanceSettings;
  readonly #clock: VenueClock;
  readonly #bans: BanList;
  readonly #journal: Journal;
  readonly #firewall: Firewall;
  readonly #limits: Readonly<Record<Endpoint, ConnectLimit>>;

  constructor(
    settings: BinanceSettings,
    clock: VenueClock,
    bans: BanList,
    journal: Journal,
    firewall: Firewall,
  ) {
    this.#firewall = firewall;
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
    if (this.#firewall.blocks)
      return { kind: "refuse", reason: "firewall", refusal: FIREWALL_REFUSAL };
    const banned = this.#bans.remainingMs(address, now);
    if (banned !== undefined) {
      const refusal = {
        status: this.#settings.bans.status,
        headers: { "Retry-After": this.retryAfter(banned) },
      };
      return { kind: "refuse", reason: "banned", refusal };
    }
    const wait = this.#limits[endpoint].attempt(address, now);
    if (wait !== undefined) {
      this.#journal.count("connectViolations");
      const refusal = { status: 429, headers: { "Retry-After": this.retryAfter(wait) } };
      return { kind: "refuse", reason: "connect-limit", refusal };
    }
    const refusal = this.faults.nextRefusal();
    if (refusal !== undefined) return { kind: "refuse", reason: "fault", refusal };
    return { kind: "accept", endAtOnce: this.faults.nextEnding() };
  }

  /**
   * A venue duration as the seconds of a `Retry-After` header: real seconds, rounded up, so that a
   * client may obey it.
   */
  retryAfter(venueMs: number): string {
    return String(Math.max(1, Math.ceil(this.#clock.toReal(venueMs) / 1_000)));
  }
}
