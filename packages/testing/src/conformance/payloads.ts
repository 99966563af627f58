/**
 * Payload lengths on both sides of each of RFC 6455's length encodings, and one that spans several
 * socket reads.
 */
export const LENGTHS: readonly number[] = [0, 1, 125, 126, 65_535, 65_536, 70 * 1024];

/** `length` bytes without a short period, different for each `salt`. They do not compress well. */
export function noise(length: number, salt = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = (salt + 1) * 0x9e3779b9;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Text of `length` ASCII characters. */
export function prose(length: number): string {
  return "All work and no play. ".repeat(Math.ceil(length / 22)).slice(0, length);
}

/** Texts whose UTF-8 takes one to four bytes a character. */
export const TEXTS: readonly string[] = [
  "",
  "plain",
  "Grüße, Ελλάδα, 東京",
  "😀🚀",
  '{"a":"\\u0000\\n"}',
  "\u0000\ufeff",
];
