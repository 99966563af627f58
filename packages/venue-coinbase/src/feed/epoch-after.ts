import { flows } from "@oath-ws/venue-kit";
import type { TopicSnapshot } from "@oath-ws/venue-kit";

/** Why a topic is subscribed again on a connection that goes on. */
const SAME_CONNECTION: ReadonlySet<string> = new Set(["SUBSCRIPTION_IGNORED", "RESYNC"]);

/**
 * The first session whose events count after a break that this state tells of: what an earlier one
 * brought may wait unread, and is lost all the same. The state may have moved on already, to the
 * next connection. A topic that the venue left out, or sends again, comes back on the same one.
 */
export function epochAfter(topic: TopicSnapshot): number {
  const { epoch, cause } = topic;
  return flows(topic) || SAME_CONNECTION.has(cause?.code ?? "") ? epoch : epoch + 1;
}
