import type { Agent } from "node:http";

const verifying = new WeakSet<Agent>();

/**
 * Notes that the agent checks every server's certificate itself, in another way than Node does.
 * Kept apart from such agents, so that `open()` does not bring their code along.
 */
export function setVerifying(agent: Agent): void {
  verifying.add(agent);
}

/** Whether {@link setVerifying} was called with it. */
export function isVerifying(agent: Agent | undefined): boolean {
  return agent !== undefined && verifying.has(agent);
}
