import type { MemoryRow } from "../../rows.js";

/**
 * Opens one connection as its user would hold it: listening, with nothing to hear. Resolves to what
 * closes it.
 */
export type OpenIdle = (url: string) => Promise<() => Promise<void>>;

/** Loads one row's client and no other. */
export async function loadIdle(row: MemoryRow): Promise<OpenIdle> {
  switch (row) {
    case "ws":
      return (await import("./ws.js")).openIdle;
    case "oath":
      return (await import("./stack.js")).openIdle;
    case "direct":
      return (await import("./stack.js")).openDirectIdle;
    default:
      return row satisfies never;
  }
}
