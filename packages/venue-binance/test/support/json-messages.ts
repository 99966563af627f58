import type { Buffer } from "node:buffer";
import type { SeededRandom } from "@oath-ws/testing";
import { spoiltJson } from "../../../venue-kit/test/support/spoilt-json.js";

/** A payload of each shape, exactly as the venue writes it. */
export const PAYLOADS = {
  "btcusdt@trade":
    '{"e":"trade","E":1770000000123,"s":"BTCUSDT","t":5000000001,"p":"60000.12000000",' +
    '"q":"0.00150000","T":1770000000122,"m":true,"M":true}',
  "btcusdt@aggTrade":
    '{"e":"aggTrade","E":1770000000123,"s":"BTCUSDT","a":3000000001,"p":"60000.12000000",' +
    '"q":"1.50000000","f":5000000001,"l":5000000003,"T":1770000000122,"m":false,"M":true}',
  "btcusdt@bookTicker":
    '{"u":70000000001,"s":"BTCUSDT","b":"60000.11000000","B":"31.21000000",' +
    '"a":"60000.12000000","A":"0.66000000"}',
  "btcusdt@depth@100ms":
    '{"e":"depthUpdate","E":1770000000123,"s":"BTCUSDT","U":70000000001,"u":70000000009,' +
    '"b":[["60000.11000000","0.00000000"],["59999.00000000","12.50000000"]],' +
    '"a":[["60000.12000000","0.10000000"]]}',
} as const;

export type Name = keyof typeof PAYLOADS;
export const NAMES: readonly Name[] = Object.keys(PAYLOADS) as Name[];
export type Mode = "combined" | "raw";

/** The message of a payload. */
export function messageOf(mode: Mode, name: string, payload: string): string {
  return mode === "raw" ? payload : `{"stream":"${name}","data":${payload}}`;
}

const KEYS = ["e", "E", "s", "t", "p", "q", "m", "M", "u", "b", "a", "stream", "data"];

/** A message that was spoilt: its structure, its bytes, or only its digits. */
export function varied(random: SeededRandom, text: string): Buffer {
  return spoiltJson(random, text, KEYS);
}
