import { textFrame } from "../../payload.js";
import type { ReceiveRow } from "../../rows.js";
import { misdirected } from "../handler.js";
import type { Handler } from "../handler.js";
import { collectGarbage } from "../collect-garbage.js";
import { LatencyMeter } from "../latency-meter.js";
import { measured } from "../measured.js";
import { ReceiveMeter } from "../receive-meter.js";
import { loadReceiver } from "./index.js";

/** Receives floods, and what comes at an even pace. */
export async function serveReceive(row: ReceiveRow): Promise<Handler> {
  const open = await loadReceiver(row);
  // V8 counts memory outside the heap against a limit only after its first collection of the old space, to which a small program may never come.
  collectGarbage();
  return async (command, reply) => {
    if (command.kind === "receive") {
      const { url, size, count } = command;
      const expected = { frames: count, size, wireSize: textFrame(size).length };
      const meter = await measured(
        (sink: ReceiveMeter) => open(url, sink),
        reply,
        (done) => new ReceiveMeter(expected, done),
      );
      reply({ kind: "received", ...meter.result });
    } else if (command.kind === "latency") {
      const { url, count } = command;
      const meter = await measured(
        (sink: LatencyMeter) => open(url, sink),
        reply,
        (done) => new LatencyMeter(count, done),
      );
      reply({ kind: "latencies", ...meter.result });
    } else {
      throw misdirected(command);
    }
  };
}
