import { Buffer } from "node:buffer";
import { serverHeader } from "../payload.js";
import type { EventEncoding, EventMix } from "../rows.js";
import { sbeMessage } from "./sbe-blocks.js";

/** Events of a flood, and the stream that they belong to, in JSON and in SBE. */
export const MIXES: Readonly<
  Record<EventMix, { readonly stream: string; readonly sbeStream: string; readonly events: number }>
> = {
  trade: { stream: "btcusdt@trade", sbeStream: "btcusdt@trade", events: 120_000 },
  depth: { stream: "btcusdt@depth@100ms", sbeStream: "btcusdt@depth", events: 30_000 },
};

const CHUNK_BYTES = 512 * 1024;

/**
 * Every frame of a flood, one after the other: consecutive ids from 1, as on the venue, which wraps
 * JSON (combined mode) and sends SBE as it is. Both say the same. A chunk ends where a frame does, so that the answer to a ping, which `ws` writes to the
 * same socket, falls between two frames and not into one.
 */
export function floodChunks(mix: EventMix, encoding: EventEncoding): readonly Buffer[] {
  const { stream, events } = MIXES[mix];
  const chunks: Buffer[] = [];
  let frames: Buffer[] = [];
  let bytes = 0;
  for (let id = 1; id <= events; id++) {
    const isText = encoding === "json";
    const message = isText ? wrapped(stream, mix, id) : sbeMessage(mix, id);
    const header = serverHeader(isText ? 0x1 : 0x2, message.length);
    frames.push(header, message);
    bytes += header.length + message.length;
    if (bytes < CHUNK_BYTES && id < events) continue;
    chunks.push(Buffer.concat(frames, bytes));
    frames = [];
    bytes = 0;
  }
  return chunks;
}

function wrapped(stream: string, mix: EventMix, id: number): Buffer {
  const data = mix === "trade" ? trade(id) : depth(id);
  return Buffer.from(`{"stream":"${stream}","data":${data}}`, "latin1");
}

function trade(id: number): string {
  return (
    `{"e":"trade","E":${1_770_000_000_000 + id},"s":"BTCUSDT","t":${id},"p":"60000.${digits(id)}","q":"0.0${digits(id * 7)}",` +
    `"T":${1_770_000_000_000 + id},"m":${id % 2 === 0},"M":true}`
  );
}

/** Ten levels a side. */
function depth(id: number): string {
  const side = (sign: number): string =>
    Array.from(
      { length: 10 },
      (_, level) =>
        `["${60_000 + sign * (level + 1)}.${digits(id + level)}","0.${digits(id * 3 + level)}"]`,
    ).join(",");
  return `{"e":"depthUpdate","E":${1_770_000_000_000 + id},"s":"BTCUSDT","U":${id},"u":${id},"b":[${side(-1)}],"a":[${side(1)}]}`;
}

function digits(value: number): string {
  return String(value % 100_000_000).padStart(8, "0");
}
