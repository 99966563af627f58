import { openStack } from "../open-stack.js";
import type { OpenSender } from "./index.js";

export const openSender: OpenSender = async (url) => {
  const { sink, control } = await openStack(url);
  return {
    async sendBatch(text, count) {
      const sends = new Array<Promise<void>>(count);
      for (let i = 0; i < count; i++) sends[i] = sink.send(text);
      await Promise.all(sends);
    },
    close: () => control.shutdown({ timeoutMs: 1_000 }),
  };
};
