import type { ReconnectRow } from "../../rows.js";
import { median, quantile } from "../../stats.js";
import { misdirected } from "../handler.js";
import type { Handler } from "../handler.js";
import { loadRecover } from "./index.js";

/** Loses connections. */
export async function serveReconnect(row: ReconnectRow): Promise<Handler> {
  const recover = await loadRecover(row);
  return async (command, reply) => {
    if (command.kind !== "reconnect") throw misdirected(command);
    const tookUs = await recover(command.url, command.resets);
    if (tookUs.length !== command.resets)
      throw new Error(`recovered ${tookUs.length} times of ${command.resets}`);
    const sorted = tookUs.toSorted((a, b) => a - b);
    reply({ kind: "reconnected", p50Us: median(sorted), p90Us: quantile(sorted, 0.9) });
  };
}
