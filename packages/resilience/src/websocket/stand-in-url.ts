import { urlHost } from "@oath-ws/contract";
import type { AttemptLimit } from "../core/gate.js";
import type { SharedGate } from "../core/shared-gate.js";

let made = 0;

/**
 * Stands for a URL that a function is asked for only when an attempt has begun, while the attempt
 * gate wants one before. It has a host of its own, in the reserved `.invalid` domain: sockets whose
 * venue is not known yet must not share a budget.
 */
export class StandInUrl {
  readonly href: string = `ws://url-not-known-yet-${++made}.invalid/`;
  readonly #gate: SharedGate;

  /** @param gate counts the attempts of sockets that name no gate of their own */
  constructor(gate: SharedGate) {
    this.#gate = gate;
  }

  /**
   * The attempt under way, which was counted for another host or none, goes to this URL; later ones
   * are counted for it.
   */
  learn(url: string, limit: AttemptLimit, now: number): void {
    const before = this.#gate.standIns.get(this.href);
    this.#gate.standIns.set(this.href, url);
    if (before === undefined || urlHost(before) !== urlHost(url)) {
      // Over the limit it goes out all the same, this once.
      const request = { url, limit, asked: false, provenUntil: Number.NEGATIVE_INFINITY, now };
      const ticket = this.#gate.reserve(request, () => undefined);
      if (!this.#gate.claim(ticket, now)) this.#gate.release(ticket, now);
    }
  }

  /** No more attempts. */
  forget(): void {
    this.#gate.standIns.delete(this.href);
  }
}
