import { asFlag, asInteger, asNumber } from "../check.js";
import { optional, resolve, type Rule, type Rules } from "../option-rules.js";
import { SimOptionError } from "../option-error.js";

/**
 * What a proxy does to the bytes of one direction. Absent parts do nothing. Times are real
 * milliseconds.
 */
export interface ProxyRules {
  /** Every byte arrives this much later; order is kept. */
  readonly delayMs?: number;
  /** Up to this much more delay for each chunk, decided by the seed. */
  readonly jitterMs?: number;
  /** Pass on in pieces of so many bytes, the size of each decided by the seed. */
  readonly slice?: { readonly minBytes: number; readonly maxBytes: number };
  /** Pass on at most so many bytes per second. */
  readonly bytesPerSecond?: number;
  /**
   * Pass on nothing, not even an end or a reset, and stop reading. Nothing is lost: as on a network
   * that comes back, what was held arrives when the rule is lifted.
   */
  readonly blackHole?: boolean;
}

/** Which bytes a rule is for: `up` is from client to target. */
export type ProxyDirection = "up" | "down" | "both";

const time: Rule<number> = (option, value) => asNumber(option, value, { min: 0, max: 3_600_000 });
const size: Rule<number> = (option, value) => asInteger(option, value, { min: 1, max: 1e9 });

const RULES: Rules<ProxyRules> = {
  delayMs: optional(time),
  jitterMs: optional(time),
  slice: optional((option, value) => {
    const slice = resolve<NonNullable<ProxyRules["slice"]>>(option, value, {
      minBytes: size,
      maxBytes: size,
    });
    if (slice.maxBytes >= slice.minBytes) return slice;
    throw new SimOptionError(
      `${option}.maxBytes`,
      `must not be below minBytes (${slice.minBytes})`,
    );
  }),
  bytesPerSecond: optional((option, value) => asInteger(option, value, { min: 1, max: 1e12 })),
  blackHole: optional(asFlag),
};

/** Checks rules. Throws a {@link SimOptionError} naming the field. */
export const resolveRules: Rule<ProxyRules> = (option, value) => resolve(option, value, RULES);
