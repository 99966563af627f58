import type { ReconnectRow } from "../../rows.js";

/** How long it took to have frames again, and how much of it was waited on purpose. In microseconds. */
export interface Recovery {
  readonly tookUs: number;
  readonly waitedUs: number;
}

/** Loses its connection and finds it again, `times` times. */
export type Recover = (url: string, times: number) => Promise<Recovery[]>;

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
