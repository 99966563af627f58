import { Buffer } from "node:buffer";
import type { Client, EventKind } from "../model.js";
import { serverFrame } from "../payload.js";
import { sbeMessage } from "./sbe-events.js";

export type Encoding = Extract<Client, { readonly kind: "adapter" }>["encoding"];

/** Events of one round, and the stream that they belong to, in JSON and in SBE. */
export const EVENTS: Readonly<
  Record<EventKind, { readonly json: string; readonly sbe: string; readonly count: number }>
> = {
  trade: { json: "btcusdt@trade", sbe: "btcusdt@trade", count: 100_000 },
  bookTicker: { json: "btcusdt@bookTicker", sbe: "btcusdt@bestBidAsk", count: 100_000 },
  depth: { json: "btcusdt@depth@100ms", sbe: "btcusdt@depth", count: 25_000 },
};

const CHUNK_BYTES = 512 * 1024;

/**
 * Every frame of a round with ids from 1, as on the venue, which wraps JSON (combined mode) and
 * sends SBE as it is. Both say the same. A chunk ends where a frame does, so that the answer to a
 * ping falls between two frames and not into one.
 */
export function eventChunks(event: EventKind, encoding: Encoding): readonly Buffer[] {
  const { json: stream, count } = EVENTS[event];
  const chunks: Buffer[] = [];
  let frames: Buffer[] = [];
  let bytes = 0;
  for (let id = 1; id <= count; id++) {
    const frame =
      encoding === "json"
        ? serverFrame(
            "text",
            Buffer.from(`{"stream":"${stream}","data":${WRITE[event](id)}}`, "latin1"),
          )
        : serverFrame("binary", sbeMessage(event, id));
    frames.push(frame);
    bytes += frame.length;
    if (bytes < CHUNK_BYTES && id < count) continue;
    chunks.push(Buffer.concat(frames, bytes));
    frames = [];
    bytes = 0;
  }
  return chunks;
}

const WRITE: Readonly<Record<EventKind, (id: number) => string>> = {
  trade: (id) =>
    `{"e":"trade","E":${1_770_000_000_000 + id},"s":"BTCUSDT","t":${id},` +
    `"p":"60000.${digits(id)}","q":"0.${digits(id * 7)}","T":${1_770_000_000_000 + id},` +
    `"m":${id % 2 === 0},"M":true}`,
  bookTicker: (id) =>
    `{"u":${id},"s":"BTCUSDT","b":"60000.${digits(id)}","B":"0.${digits(id * 3)}",` +
    `"a":"60001.${digits(id)}","A":"0.${digits(id * 7)}"}`,
  depth: (id) =>
    `{"e":"depthUpdate","E":${1_770_000_000_000 + id},"s":"BTCUSDT","U":${id},"u":${id},` +
    `"b":[${levels(id, -1)}],"a":[${levels(id, 1)}]}`,
};

/** Ten levels of a side. */
function levels(id: number, sign: number): string {
  return Array.from({ length: 10 }, (_, level) => {
    const price = `${60_000 + sign * (level + 1)}.${digits(id + level)}`;
    return `["${price}","0.${digits(id * 3 + level)}"]`;
  }).join(",");
}

function digits(value: number): string {
  return String(value % 100_000_000).padStart(8, "0");
}
