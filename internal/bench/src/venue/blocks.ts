import { Buffer } from "node:buffer";
import { serverHeader } from "../payload.js";
import type { EventMix } from "../rows.js";

/** Events of a flood, and the stream that they belong to. */
export const MIXES: Readonly<Record<EventMix, { readonly stream: string; readonly events: number }>> = {
  trade: { stream: "btcusdt@trade", events: 120_000 },
  depth: { stream: "btcusdt@depth@100ms", events: 30_000 },
};

/** Every frame of a flood, one after the other: consecutive ids from 1, as on the venue in combined mode. */
export function floodBytes(mix: EventMix): Buffer {
  const { stream, events } = MIXES[mix];
  const frames: Buffer[] = [];
  for (let id = 1; id <= events; id++) {
    const text = Buffer.from(`{"stream":"${stream}","data":${mix === "trade" ? trade(id) : depth(id)}}`, "latin1");
    frames.push(serverHeader(0x1, text.length), text);
  }
  return Buffer.concat(frames);
}

function trade(id: number): string {
  return (
    `{"e":"trade","E":${1_770_000_000_000 + id},"s":"BTCUSDT","t":${id},"p":"60000.${digits(id)}","q":"0.0${digits(id * 7)}",` +
    `"T":${1_770_000_000_000 + id},"m":${id % 2 === 0},"M":true}`
  );
}

/** Ten levels a side, about a kilobyte. */
function depth(id: number): string {
  const side = (sign: number): string =>
    Array.from(
      { length: 10 },
      (_, level) => `["${60_000 + sign * (level + 1)}.${digits(id + level)}","0.${digits(id * 3 + level)}"]`,
    ).join(",");
  return `{"e":"depthUpdate","E":${1_770_000_000_000 + id},"s":"BTCUSDT","U":${id},"u":${id},"b":[${side(-1)}],"a":[${side(1)}]}`;
}

function digits(value: number): string {
  return String(value % 100_000_000).padStart(8, "0");
}
