import { open } from "oath-ws";
import { monotonicNs } from "../../clock.js";
import { readStamp } from "../../payload.js";
import type { Leaf } from "../open-stack.js";
import type { Recover } from "./index.js";

/** Every connection counts as proven, and the first attempt after its loss comes at once. */
const CONFIG = { backoff: { firstMs: 0, stableAfterMs: 0 }, attempts: { max: 100_000 } };

/** From the reset, as the other process saw it, to the frame in the consumer's hands. */
function stackRecover(leaf: Leaf): Recover {
  return async (url, times) => {
    const { source, sink, control } = await open(url, { transport: leaf, config: CONFIG });
    const tookUs: number[] = [];
    for await (const { data, epoch } of source) {
      if (epoch > 1) tookUs.push((monotonicNs() - readStamp(data)) / 1e3);
      if (tookUs.length === times) break;
      await sink.send("reset");
    }
    await control.shutdown({ timeoutMs: 1_000 });
    return tookUs;
  };
}

export const recover: Recover = stackRecover("ws");
export const recoverDirect: Recover = stackRecover("direct");
