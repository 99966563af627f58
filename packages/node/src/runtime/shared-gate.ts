import { SharedGate } from "@oath-ws/resilience";

/** The gate of every connection of this thread that names none of its own. */
export const sharedGate: SharedGate = new SharedGate();
