import { urlHost } from "@oath-ws/contract";
import { AttemptGate } from "@oath-ws/resilience";
import type { AttemptLimit } from "@oath-ws/resilience";

/** Stand-ins and the URLs that are known for them. */
const known = new Map<string, string>();
let made = 0;

/**
 * Shared by all sockets that name no gate of their own: a ban is per address, not per socket. It
 * counts the attempts of a {@link StandInUrl} with those of the host that it stands for.
 */
export const sharedGate: AttemptGate = new AttemptGate({
  key: (url) => urlHost(known.get(url) ?? url),
});

/**
 * Stands for a URL that a function is asked for only when an attempt has begun, while the attempt
 * gate wants one before. It has a host of its own, in the reserved `.invalid` domain: sockets whose
 * venue is not known yet must not share a budget.
 */
export class StandInUrl {
  readonly href: string = `ws://url-not-known-yet-${++made}.invalid/`;

  /**
   * The attempt under way, which was counted for another host or none, goes to this URL; later ones
   * are counted for it.
   */
  learn(url: string, limit: AttemptLimit, now: number): void {
    const before = known.get(this.href);
    known.set(this.href, url);
    if (before === undefined || urlHost(before) !== urlHost(url)) {
      // Over the limit it goes out all the same, this once.
      const request = { url, limit, asked: false, provenUntil: Number.NEGATIVE_INFINITY, now };
      const ticket = sharedGate.reserve(request, () => undefined);
      if (!sharedGate.claim(ticket, now)) sharedGate.release(ticket, now);
    }
  }

  /** No more attempts. */
  forget(): void {
    known.delete(this.href);
  }
}
