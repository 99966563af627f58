import type { MemoryRow } from "../../rows.js";
import { misdirected } from "../handler.js";
import type { Handler } from "../handler.js";
import { measureRetained } from "../retained.js";
import { loadIdle } from "./index.js";

/** Holds connections on which nothing happens. */
export async function serveIdle(row: MemoryRow): Promise<Handler> {
  const openIdle = await loadIdle(row);
  return async (command, reply) => {
    if (command.kind !== "idle") throw misdirected(command);
    reply({
      kind: "retained",
      ...(await measureRetained(openIdle, command.url, command.connections)),
    });
  };
}
