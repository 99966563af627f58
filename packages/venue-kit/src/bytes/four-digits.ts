/**
 * Four ASCII digits at once, in a word that was read little-endian: the first digit is in its
 * lowest byte.
 */

/** Whether all four bytes are digits. */
export function isFourDigits(word: number): boolean {
  // The upper half of a digit is 3, and still is after 6 was added, which the lower half of
  // everything behind 9 does not outlive.
  return (word & HIGH) === ZEROS && ((word + SIXES) & HIGH) === ZEROS;
}

/** The number that four digits are. */
export function fourDigits(word: number): number {
  const digits = word & LOW;
  // Each byte takes up the next one: the lowest is then the first two digits, the third the others.
  const pairs = digits * 10 + (digits >>> 8);
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}

const HIGH = 0xf0f0f0f0 | 0;
const LOW = 0x0f0f0f0f;
const ZEROS = 0x30303030;
const SIXES = 0x06060606;
