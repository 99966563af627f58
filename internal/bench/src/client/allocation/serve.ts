import type { AllocationRow } from "../../rows.js";
import { misdirected } from "../handler.js";
import type { Handler, Reply } from "../handler.js";
import { measured } from "../measured.js";
import { loadReceiver } from "../receive/index.js";
import type { OpenReceiver } from "../receiver.js";
import { BytesProbe } from "./bytes-probe.js";
import { CallsProbe } from "./calls-probe.js";
import { ObjectsProbe } from "./objects-probe.js";
import { SpanMeter } from "./span-meter.js";
import type { Probe } from "./span-meter.js";

/** Receives floods under a magnifying glass. */
export async function serveAllocation(row: AllocationRow): Promise<Handler> {
  const open = await loadReceiver(row);
  return async (command, reply) => {
    if (command.kind !== "allocate") throw misdirected(command);
    const { url, count, look } = command;
    switch (look) {
      case "none":
        await under({ start: () => undefined, stop: () => true }, open, url, count, reply);
        reply({ kind: "none" });
        return;
      case "bytes": {
        globalThis.gc?.();
        const probe = new BytesProbe();
        const { heap, external } = await under(probe, open, url, count, reply);
        const collections = probe.collections();
        if (collections > 0) throw new Error(`${collections} collections ran meanwhile`);
        reply({ kind: "bytes", frames: count - 1, heap, external });
        return;
      }
      case "objects":
        reply({
          kind: "objects",
          frames: count - 1,
          sites: await under(new ObjectsProbe(), open, url, count, reply),
        });
        return;
      case "calls":
        reply({
          kind: "calls",
          frames: count - 1,
          ...(await under(new CallsProbe(), open, url, count, reply)),
        });
        return;
      default:
        look satisfies never;
    }
  };
}

async function under<T>(
  probe: Probe<T>,
  open: OpenReceiver,
  url: string,
  count: number,
  reply: Reply,
): Promise<T> {
  const meter = await measured(
    (sink: SpanMeter<T>) => open(url, sink),
    reply,
    (done) => new SpanMeter(count, probe, done),
  );
  return meter.found;
}
