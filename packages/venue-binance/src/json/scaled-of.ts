import { parseDecimal } from "@oath-ws/venue-kit";
import type { Decimal } from "@oath-ws/venue-kit";
import { unknownFrame } from "../feed/unknown-frame.js";
import type { Mantissa } from "../market/scaled-payloads.js";
import type { ShapedKind } from "./known-stream.js";

/** Which fields of a payload are prices, quantities, and sides of a book. */
const FIELDS: Readonly<Record<ShapedKind, Fields>> = {
  trade: { prices: ["p"], quantities: ["q"], sides: [] },
  aggTrade: { prices: ["p"], quantities: ["q"], sides: [] },
  bookTicker: { prices: ["b", "a"], quantities: ["B", "A"], sides: [] },
  depth: { prices: [], quantities: [], sides: ["b", "a"] },
};

interface Fields {
  readonly prices: readonly string[];
  readonly quantities: readonly string[];
  readonly sides: readonly string[];
}

type Payload = Readonly<Record<string, unknown>>;

/**
 * The scaled payload of one that was parsed, whatever its outline: what `ScaledValues` make of the
 * bytes, and also for payloads that the byte decoder refused. All prices are brought to the
 * smallest exponent among them, and all quantities to theirs.
 *
 * @throws WsError `DECIMAL_INVALID` for what is no plain decimal number, `FRAME_UNKNOWN` for a side
 *   that is no list of pairs
 */
export function scaledOf(kind: ShapedKind, payload: object): object {
  const { prices, quantities, sides } = FIELDS[kind];
  const source = payload as Payload;
  const pairs = sides.map((side) => pairsOf(source[side]));
  const priceOf = scaling([
    ...prices.map((name) => source[name]),
    ...pairs.flat().map((pair) => pair[0]),
  ]);
  const quantityOf = scaling([
    ...quantities.map((name) => source[name]),
    ...pairs.flat().map((pair) => pair[1]),
  ]);
  const scaled: Record<string, unknown> = { ...source };
  for (const name of prices) scaled[name] = priceOf.mantissa(source[name]);
  for (const name of quantities) scaled[name] = quantityOf.mantissa(source[name]);
  for (const [index, side] of sides.entries()) {
    scaled[side] = (pairs[index] ?? []).flatMap(([price, quantity]) => [
      priceOf.mantissa(price),
      quantityOf.mantissa(quantity),
    ]);
  }
  scaled["priceExponent"] = 0 - priceOf.scale;
  scaled["quantityExponent"] = 0 - quantityOf.scale;
  return scaled;
}

/** The greatest scale of these numbers, and their mantissas at it. */
function scaling(values: readonly unknown[]): {
  readonly scale: number;
  readonly mantissa: (value: unknown) => Mantissa;
} {
  const scale = Math.max(0, ...values.map((value) => decimalOf(value).scale));
  return {
    scale,
    mantissa: (value) => {
      const { mantissa, scale: own } = decimalOf(value);
      if (own === scale) return mantissa;
      const exact = BigInt(mantissa) * 10n ** BigInt(scale - own);
      const rounded = Number(exact);
      return Number.isSafeInteger(rounded) ? rounded : exact;
    },
  };
}

function decimalOf(value: unknown): Decimal {
  return parseDecimal(value as string, "a price or a quantity");
}

function pairsOf(side: unknown): readonly (readonly unknown[])[] {
  if (!Array.isArray(side)) throw unknownFrame("a side of a book that is no list");
  for (const pair of side) {
    if (!Array.isArray(pair)) throw unknownFrame("a level of a book that is no list");
  }
  return side as readonly (readonly unknown[])[];
}
