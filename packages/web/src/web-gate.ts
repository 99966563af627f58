import { SharedGate } from "@oath-ws/resilience";

/** The gate of every connection of the page, worker or process that names none of its own. */
export const sharedGate: SharedGate = new SharedGate();
