import type { LifecycleStep } from "./lifecycle-book.js";
import { isSilent } from "./supervisor-table.js";
import type { State, Step } from "./supervisor-table.js";

/** What a step of the table is to the snapshot. */
export function lifecycleStep(from: State, { to, effects }: Step): LifecycleStep {
  switch (to) {
    case "idle":
    case "closing":
    case "parting":
      return { kind: "same" };
    case "resolving":
    case "gated":
    case "dialing":
    case "backoff":
    case "letGo":
      return { kind: "down" };
    case "stale":
    case "staleReserving":
      return { kind: isSilent(from) ? "same" : "silent" };
    case "reserving":
      return { kind: "heard" };
    case "up":
      return { kind: effects.includes("adopt") ? "opened" : "heard" };
    case "closed":
    case "exhausted":
      return { kind: "ended", phase: "closed", exhausted: to === "exhausted" };
    case "unrecoverable":
      return { kind: "ended", phase: "unrecoverable", exhausted: false };
    default:
      return to satisfies never;
  }
}
