/** Amounts of an asset in whole units of 10^-8, so that sums are exact. */

const DECIMALS = 8;
const ONE: bigint = 10n ** BigInt(DECIMALS);

/**
 * Reads a decimal text; `undefined` if it is none, is negative where `allowNegative` is off, or has
 * too many decimals.
 */
export function parseAmount(text: string, allowNegative = false): bigint | undefined {
  const match = /^(-?)(\d{1,15})(?:\.(\d{1,8}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = ""] = match;
  if (sign !== "" && !allowNegative) return undefined;
  const units = BigInt(whole) * ONE + BigInt(fraction.padEnd(DECIMALS, "0"));
  return sign === "" ? units : -units;
}

/** Prints an amount with eight decimals. */
export function printAmount(units: bigint): string {
  const digits = String(units < 0n ? -units : units).padStart(DECIMALS + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}

/** Price times quantity. */
export function notional(price: bigint, quantity: bigint): bigint {
  return (price * quantity) / ONE;
}
