import { stream as realtime } from "tardis-dev";
import { MIXES } from "../../venue/blocks.js";
import type { EventMeter } from "./event-meter.js";
import { idOf } from "./index.js";
import type { OpenEvents } from "./index.js";

/**
 * Its raw stream: no normalisation, as none of the other rows has one. The address is taken from
 * the environment.
 */
export const openEvents: OpenEvents = async (url, mix, meter) => {
  process.env["WSS_URL_BINANCE"] = `${url}/stream`;
  const channel = MIXES[mix].stream.split("@")[1] === "trade" ? "trade" : "depth";
  const messages = realtime({
    exchange: "binance",
    filters: [{ channel, symbols: ["btcusdt"] }],
    timeoutIntervalMS: 60_000,
  });
  let ended = false;
  void read(messages, meter).finally(() => {
    ended = true;
  });
  return {
    fault: () => (ended ? "its stream ended" : undefined),
    // It ends with its next message, and there is none: the idle connection stays until the process
    // ends.
    close: async () => {
      void messages.return?.(undefined);
    },
  };
};

async function read(
  messages: AsyncIterable<{ readonly message: unknown }>,
  meter: EventMeter,
): Promise<void> {
  for await (const { message } of messages) {
    const { data } = message as { readonly data?: { readonly t?: number; readonly u?: number } };
    if (data !== undefined) meter.event(idOf(data));
  }
}
