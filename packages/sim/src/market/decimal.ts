/** Decimals that are printed; a venue that prints fewer cuts them. */
const PRINTED_DECIMALS = 8;

/**
 * Prints a whole number of `10^-decimals` units with eight decimals (further ones are cut), without
 * ever going through a floating-point fraction: integers are what make the simulator's own book
 * exact.
 */
export function printUnits(units: number | bigint, decimals: number): string {
  const negative = units < 0;
  const digits = String(negative ? -units : units).padStart(decimals + 1, "0");
  const whole = decimals === 0 ? digits : digits.slice(0, -decimals);
  const fraction = decimals === 0 ? "" : digits.slice(-decimals);
  const printed = fraction.slice(0, PRINTED_DECIMALS).padEnd(PRINTED_DECIMALS, "0");
  return `${negative ? "-" : ""}${whole}.${printed}`;
}
