import { Buffer } from "node:buffer";
import type { SeededRandom } from "@oath-ws/testing";

/**
 * Bytes at which something changes: lengths, masks, opcodes, ASCII controls, the first bytes of
 * UTF-8 sequences.
 */
const TELLING = [
  0, 1, 2, 8, 9, 10, 13, 32, 44, 58, 59, 61, 125, 126, 127, 128, 129, 130, 136, 137, 138, 192, 193,
  224, 237, 240, 244, 254, 255,
];

/** Spoils bytes in one to four places. `tokens` are pieces that the format knows. */
export function mutateBytes(
  random: SeededRandom,
  input: Uint8Array,
  other: Uint8Array,
  tokens: readonly Uint8Array[],
): Buffer {
  let bytes: Buffer = Buffer.from(input);
  for (let left = 1 + random.int(4); left > 0; left--)
    bytes = mutateOnce(random, bytes, other, tokens);
  return bytes;
}

function mutateOnce(
  random: SeededRandom,
  bytes: Buffer,
  other: Uint8Array,
  tokens: readonly Uint8Array[],
): Buffer {
  const at = random.int(bytes.length + 1);
  const to = Math.min(bytes.length, at + 1 + random.int(random.int(2) === 0 ? 4 : 40));
  const insert = (piece: Uint8Array): Buffer =>
    Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
  switch (random.int(8)) {
    case 0:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8));
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = TELLING[random.int(TELLING.length)] ?? 0;
      return bytes;
    case 2:
      return insert(Buffer.from([TELLING[random.int(TELLING.length)] ?? 0]));
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
    case 4:
      return insert(bytes.subarray(at, to));
    case 5:
      return insert(tokens[random.int(tokens.length)] ?? bytes.subarray(0, 0));
    case 6:
      return bytes.subarray(0, at);
    default:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(random.int(other.length + 1))]);
  }
}

/** The bytes without a part: halves first, single bytes last. */
export function* shrinkBytes(bytes: Uint8Array): Generator<Buffer> {
  for (
    let size = Math.ceil(bytes.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let at = 0; at < bytes.length; at += size) {
      yield Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
    }
  }
}
