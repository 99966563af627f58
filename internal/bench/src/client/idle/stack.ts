import type { ReceivedFrame, WsSource } from "oath-ws";
import { openStack } from "../open-stack.js";
import type { OpenIdle } from "./index.js";

export const openIdle: OpenIdle = async (url) => {
  const connection = await openStack(url);
  const reading = read(connection.source);
  return async () => {
    await connection.control.shutdown({ timeoutMs: 1_000 });
    await reading;
  };
};

async function read(source: WsSource<ReceivedFrame>): Promise<void> {
  while (await source.readable()) {
    while (source.take() !== undefined);
  }
}
