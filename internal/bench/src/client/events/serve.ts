import type { EventRow } from "../../rows.js";
import { MIXES } from "../../venue/blocks.js";
import { misdirected } from "../handler.js";
import type { Handler } from "../handler.js";
import { measured } from "../measured.js";
import { EventMeter } from "./event-meter.js";
import { loadEvents } from "./index.js";

/** Receives events through an adapter. */
export async function serveEvents(row: EventRow): Promise<Handler> {
  const open = await loadEvents(row);
  return async (command, reply) => {
    if (command.kind !== "events") throw misdirected(command);
    const { url, mix } = command;
    const meter = await measured(
      (sink: EventMeter) => open(url, mix, sink),
      reply,
      (done) => new EventMeter(MIXES[mix].events, done),
    );
    reply({ kind: "received", ...meter.result });
  };
}
