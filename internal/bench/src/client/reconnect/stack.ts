import type { TraceEvent } from "oath-ws";
import { open } from "oath-ws";
import { monotonicNs } from "../../clock.js";
import { readStamp } from "../../payload.js";
import type { Leaf } from "../open-stack.js";
import type { Recover, Recovery } from "./index.js";

/** The shortest backoff there can be: half a millisecond to one, which Node's timers make one to two. It starts anew with every connection. */
const CONFIG = { backoff: { minMs: 1, maxMs: 1, stableAfterMs: 0 }, attempts: { max: 100_000 } };

/** From the reset, as the other process saw it, to the frame in the consumer's hands. */
function stackRecover(leaf: Leaf): Recover {
  return async (url, times) => {
    let lostAt = 0;
    let waitedUs = 0;
    const trace = (event: TraceEvent): void => {
      if (event.kind === "failure") lostAt = event.at;
      else if (event.kind === "attempt") waitedUs = (event.at - lostAt) * 1e3;
    };
    const { source, sink, control } = await open(url, { leaf, config: CONFIG, tracer: { trace } });
    const recoveries: Recovery[] = [];
    for await (const { data, epoch } of source) {
      if (epoch > 1) recoveries.push({ tookUs: (monotonicNs() - readStamp(data)) / 1e3, waitedUs });
      if (recoveries.length === times) break;
      await sink.send("reset");
    }
    await control.shutdown({ timeoutMs: 1_000 });
    return recoveries;
  };
}

export const recover: Recover = stackRecover("ws");
export const recoverDirect: Recover = stackRecover("direct");
