import type { ReconnectRow } from "../../rows.js";

/**
 * Loses its connection and finds it again, `times` times. Resolves with how long it took to have
 * frames again, each time, in microseconds.
 */
export type Recover = (url: string, times: number) => Promise<number[]>;

/** Loads one row's client and no other. */
export async function loadRecover(row: ReconnectRow): Promise<Recover> {
  switch (row) {
    case "ws":
      return (await import("./ws.js")).dial;
    case "ws-redial":
      return (await import("./ws.js")).redial;
    case "oath":
      return (await import("./stack.js")).recover;
    case "direct":
      return (await import("./stack.js")).recoverDirect;
    default:
      return row satisfies never;
  }
}
