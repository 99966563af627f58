import type { Lifecycle } from "oath-ws";

/**
 * Waits for the first connection. A person at a terminal wants to hear of a wrong address at once;
 * only an outage after that is worth waiting for. So it rejects with the first failure, and when
 * the connection is shut down before.
 */
export async function firstEpoch(lifecycle: Lifecycle): Promise<void> {
  for await (const { epoch, cause } of lifecycle) {
    if (epoch > 0) return;
    if (cause !== undefined) throw cause;
  }
  throw new Error("stopped before there was a connection");
}
