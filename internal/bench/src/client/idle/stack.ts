import type { ReceivedFrame, WsSource } from "oath-ws";
import { openStack } from "../open-stack.js";
import type { Leaf } from "../open-stack.js";
import type { OpenIdle } from "./index.js";

function stackIdle(leaf: Leaf): OpenIdle {
  return async (url) => {
    const connection = await openStack(url, leaf);
    const reading = read(connection.source);
    return async () => {
      await connection.control.shutdown({ timeoutMs: 1_000 });
      await reading;
    };
  };
}

export const openIdle: OpenIdle = stackIdle("ws");
export const openDirectIdle: OpenIdle = stackIdle("direct");

async function read(source: WsSource<ReceivedFrame>): Promise<void> {
  while (await source.readable()) {
    while (source.take() !== undefined);
  }
}
