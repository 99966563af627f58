import type { TopicSnapshot } from "@oath-ws/venue-kit";
import { isOnSameConnection } from "./venue-refusal.js";

/**
 * The first session whose events count after a break that this state tells of: what an earlier one
 * brought may wait unread, and is lost all the same. The state may have moved on already, to the
 * next connection. A topic that the venue left out, or did not send anew, comes back on
 * the same one.
 */
export function epochAfter({ phase, epoch, cause }: TopicSnapshot): number {
  return phase === "recovering" && !isOnSameConnection(cause) ? epoch + 1 : epoch;
}
