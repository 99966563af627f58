import { textFrame } from "../../payload.js";
import type { ConnectionRow } from "../../rows.js";
import { misdirected } from "../handler.js";
import type { Handler } from "../handler.js";
import { ReceiveMeter } from "../receive-meter.js";
import { loadReceiver } from "../receive/index.js";
import type { FrameSink, Receiver } from "../receiver.js";

/** How many connections are dialled at a time. */
const AT_ONCE = 25;

/** Keeps many connections, and counts what comes on all of them together. */
export async function serveCrowd(row: ConnectionRow): Promise<Handler> {
  const open = await loadReceiver(row);
  let meter: FrameSink | undefined;
  const sink: FrameSink = {
    frame: (data) => meter?.frame(data),
    unread: () => meter?.unread(),
    raw: (bytes) => meter?.raw(bytes),
  };
  const receivers: Receiver[] = [];
  return async (command, reply) => {
    if (command.kind === "gather") {
      for (let opened = 0; opened < command.connections; opened += AT_ONCE) {
        const batch = Array.from({ length: Math.min(AT_ONCE, command.connections - opened) }, (_, i) =>
          open(`${command.url}/${opened + i}`, sink),
        );
        receivers.push(...(await Promise.all(batch)));
      }
      reply({ kind: "ready" });
    } else if (command.kind === "crowd") {
      const { size, count } = command;
      const counted = await new Promise<ReceiveMeter>((resolve) => {
        const next: ReceiveMeter = new ReceiveMeter({ frames: count, size, wireSize: textFrame(size).length }, () =>
          resolve(next),
        );
        meter = next;
        reply({ kind: "ready" });
      });
      const fault = receivers.map((receiver) => receiver.fault()).find((found) => found !== undefined) ?? counted.fault;
      if (fault !== undefined) throw new Error(fault);
      reply({ kind: "received", ...counted.result });
    } else {
      throw misdirected(command);
    }
  };
}
