import { MIXES } from "../../venue/blocks.js";
import { openWs } from "../open-ws.js";
import { idOf } from "./index.js";
import type { OpenEvents } from "./index.js";

interface Wrapped {
  readonly data?: { readonly t?: number; readonly u?: number };
}

/** What one would write by hand: a listener and `JSON.parse`. All others are compared with it. */
export const openEvents: OpenEvents = async (url, mix, meter) => {
  const ws = await openWs(`${url}/stream`);
  ws.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Wrapped;
    if (message.data !== undefined) meter.event(idOf(message.data));
  });
  ws.send(JSON.stringify({ method: "SUBSCRIBE", params: [MIXES[mix].stream], id: 1 }));
  return {
    fault: () => (ws.readyState === ws.OPEN ? undefined : "the connection was lost"),
    close: async () => ws.terminate(),
  };
};
