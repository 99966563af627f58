import { withoutZeros } from "./without-zeros.js";

/**
 * A printed decimal as this venue writes it: without trailing zeros. `120.70000000` is `120.7`, and
 * nothing is `0`.
 */
export function plain(printed: string): string {
  return printed.includes(".") ? withoutZeros(printed) : printed;
}
