/** Decimals that are printed; a venue that prints fewer cuts them. */
const PRINTED_DECIMALS = 8;

/** At least as many as a number is filled up with. */
const ZEROS = "0".repeat(64);

/**
 * Prints a whole number of `10^-decimals` units with eight decimals (further ones are cut), without
 * ever going through a floating-point fraction: integers are what make the simulator's own book
 * exact.
 */
export function printUnits(units: number | bigint, decimals: number): string {
  const sign = units < 0 ? "-" : "";
  let digits = String(units < 0 ? -units : units);
  if (digits.length <= decimals) digits = ZEROS.slice(0, decimals + 1 - digits.length) + digits;
  const point = digits.length - decimals;
  const fraction = digits.slice(point, point + PRINTED_DECIMALS);
  const rest = ZEROS.slice(0, PRINTED_DECIMALS - fraction.length);
  return `${sign}${digits.slice(0, point)}.${fraction}${rest}`;
}
