/**
 * Converts a value to text as Web IDL's `DOMString` does.
 *
 * @throws TypeError for a symbol, or an object that cannot be converted
 */
export function toDomString(value: unknown): string {
  // Unlike String(), this refuses symbols.
  return "".concat(value as string);
}

/** Converts a value to Web IDL's `[Clamp] unsigned short`: halves go to the even neighbour. */
export function toClampedShort(value: unknown): number {
  const number = Number(value);
  if (Number.isNaN(number)) return 0;
  const clamped = Math.min(Math.max(number, 0), 65_535);
  const lower = Math.floor(clamped);
  if (clamped - lower !== 0.5) return Math.round(clamped);
  return lower % 2 === 0 ? lower : lower + 1;
}
