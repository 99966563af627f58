import { Buffer } from "node:buffer";
import type { SeededRandom } from "@oath-ws/testing";
import { mutateBytes } from "../../../node/test/hostile/support/byte-mutations.js";
import { mutateJson } from "./json-mutations.js";

const TOKENS = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  " ",
  "\\u0030",
  "e5",
  "-",
  "+",
  "0",
  "00",
  ".",
  "9",
  "99999999",
  "true",
  "false",
  "null",
  '","',
  '"],["',
  '"}',
  "}}",
  "\u00e9",
].map((token) => Buffer.from(token));

/**
 * A message that was spoilt for a decoder of fixed shapes: its structure, its bytes, or only its
 * digits.
 *
 * @param keys names that the format knows
 */
export function spoiltJson(random: SeededRandom, text: string, keys: readonly string[]): Buffer {
  switch (random.int(3)) {
    case 0:
      return Buffer.from(mutateJson(random, text, keys));
    case 1:
      return mutateBytes(random, Buffer.from(text), Buffer.from(text), TOKENS);
    default: {
      const bytes = Buffer.from(text);
      for (let left = 1 + random.int(5); left > 0; left--) {
        const at = random.int(bytes.length);
        const byte = bytes[at] ?? 0;
        if (byte >= 0x30 && byte <= 0x39) bytes[at] = 0x30 + random.int(10);
      }
      return bytes;
    }
  }
}
