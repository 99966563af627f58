import { textFrame } from "../../payload.js";
import type { ReceiveRow } from "../../rows.js";
import { collectGarbage } from "../collect-garbage.js";
import { misdirected } from "../handler.js";
import type { Handler } from "../handler.js";
import { LatencyMeter } from "../latency-meter.js";
import { MeteredSink } from "../metered-sink.js";
import { openMany } from "../open-many.js";
import { ReceiveMeter } from "../receive-meter.js";
import type { Receiver } from "../receiver.js";
import { loadReceiver } from "./index.js";

/** Keeps connections, one or many, and receives floods on them, and what comes at an even pace. */
export async function serveReceive(row: ReceiveRow): Promise<Handler> {
  const open = await loadReceiver(row);
  // V8 counts memory outside the heap against a limit only after its first collection of the old
  // space, to which a small program may never come.
  collectGarbage();
  const sink = new MeteredSink();
  const receivers: Receiver[] = [];
  const checkConnections = (): void => {
    for (const receiver of receivers) {
      const fault = receiver.fault();
      if (fault !== undefined) throw new Error(fault);
    }
  };
  return async (command, reply) => {
    const ready = (): void => reply({ kind: "ready" });
    if (command.kind === "gather") {
      receivers.push(
        ...(await openMany((url) => open(url, sink), command.url, command.connections)),
      );
      ready();
    } else if (command.kind === "receive") {
      const { size, count } = command;
      const expected = { frames: count, size, wireSize: textFrame(size).length };
      const { result } = await sink.measure((done) => new ReceiveMeter(expected, done), ready);
      checkConnections();
      reply({ kind: "received", ...result });
    } else if (command.kind === "latency") {
      const { result } = await sink.measure((done) => new LatencyMeter(command.count, done), ready);
      checkConnections();
      reply({ kind: "latencies", ...result });
    } else {
      throw misdirected(command);
    }
  };
}
