import { WebsocketStreamsBase } from "@binance/common";
import { MIXES } from "../../venue/blocks.js";
import { idOf } from "./index.js";
import type { OpenEvents } from "./index.js";

/** The vendor's base class, with the callback that its generated clients register. */
export const openEvents: OpenEvents = async (url, mix, meter) => {
  const { stream } = MIXES[mix];
  process.env["LOG_LEVEL"] = "error";
  const client = new WebsocketStreamsBase({ wsURL: url, compression: false, mode: "single" });
  await client.connect();
  client.streamCallbackMap.set(
    stream,
    new Set([(data: unknown) => meter.event(idOf(data as { t?: number; u?: number }))]),
  );
  client.subscribe(stream);
  return { fault: () => undefined, close: () => client.disconnect() };
};
