import { openStack } from "../open-stack.js";
import type { Leaf } from "../open-stack.js";
import type { OpenSender } from "./index.js";

/** A promise for every frame: its fate. */
function stackSender(leaf: Leaf): OpenSender {
  return async (url) => {
    const { sink, control } = await openStack(url, leaf);
    return {
      async sendBatch(text, count) {
        const sends = new Array<Promise<void>>(count);
        for (let i = 0; i < count; i++) sends[i] = sink.send(text);
        await Promise.all(sends);
      },
      close: () => control.shutdown({ timeoutMs: 1_000 }),
    };
  };
}

export const openSender: OpenSender = stackSender("ws");
export const openDirectSender: OpenSender = stackSender("direct");
