import type { TopicSnapshot } from "@oath-ws/venue-kit";

/**
 * The first session whose events count after a break that this state tells of: what an earlier one
 * brought may wait unread, and is lost all the same. The state may have moved on already, to the
 * next connection.
 */
export function epochAfter({ phase, epoch }: TopicSnapshot): number {
  return phase === "recovering" ? epoch + 1 : epoch;
}
