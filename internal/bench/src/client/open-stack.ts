import type { ReconnectingConnection } from "oath-ws";
import { open } from "oath-ws";

/** Which of the two leaves. */
export type Leaf = "ws" | "direct";

/**
 * The whole stack as `open()` makes it. One setting is not the default: a benchmark connects more
 * often than the attempt gate lets a well-behaved client. The receive buffer has its default
 * bounds.
 */
export function openStack(url: string, leaf: Leaf): Promise<ReconnectingConnection> {
  return open(url, { transport: leaf, config: { attempts: { max: 100_000 } } });
}

/** Why what was received does not count. */
export function stackFault({ lifecycle }: ReconnectingConnection): string | undefined {
  const { totalLagged, epoch, phase } = lifecycle.snapshot;
  if (totalLagged > 0) return `the receive buffer dropped ${totalLagged} frames (totalLagged)`;
  return epoch === 1 && phase === "connected"
    ? undefined
    : `the connection did not last (${phase}, epoch ${epoch})`;
}
