/**
 * Payloads with prices and quantities as a whole mantissa and an exponent of ten,
 * `value = mantissa * 10^exponent`: for programs that calculate with whole numbers. No digit is
 * lost, and no text is made of them.
 */
import type { BestBidAsk, BookTicker, DepthUpdate, PartialDepth } from "./book-payloads.js";
import type { AggTrade, Trade } from "./trade-payloads.js";

/** A whole mantissa: a `number` where one holds it exactly, and a `bigint` beyond 2^53. */
export type Mantissa = number | bigint;

/** The exponents of ten of an event, which hold for all its prices and all its quantities. */
export interface Scale {
  readonly priceExponent: number;
  readonly quantityExponent: number;
}

/** Levels as pairs behind one another: price, quantity, price, quantity, and so on. */
export type ScaledLevels = readonly Mantissa[];

/** {@link Trade} with mantissas. */
export interface ScaledTrade extends Omit<Trade, "p" | "q">, Scale {
  readonly p: Mantissa;
  readonly q: Mantissa;
}

/** {@link AggTrade} with mantissas. */
export interface ScaledAggTrade extends Omit<AggTrade, "p" | "q">, Scale {
  readonly p: Mantissa;
  readonly q: Mantissa;
}

/** {@link BookTicker} with mantissas. */
export interface ScaledBookTicker extends Omit<BookTicker, "b" | "B" | "a" | "A">, Scale {
  readonly b: Mantissa;
  readonly B: Mantissa;
  readonly a: Mantissa;
  readonly A: Mantissa;
}

/** {@link BestBidAsk} with mantissas. */
export interface ScaledBestBidAsk extends Omit<BestBidAsk, "b" | "B" | "a" | "A">, Scale {
  readonly b: Mantissa;
  readonly B: Mantissa;
  readonly a: Mantissa;
  readonly A: Mantissa;
}

/** {@link DepthUpdate} with mantissas. */
export interface ScaledDepthUpdate extends Omit<DepthUpdate, "b" | "a">, Scale {
  readonly b: ScaledLevels;
  readonly a: ScaledLevels;
}

/** {@link PartialDepth} with mantissas. */
export interface ScaledPartialDepth extends Omit<PartialDepth, "bids" | "asks">, Scale {
  readonly bids: ScaledLevels;
  readonly asks: ScaledLevels;
}

/**
 * The scaled payload of the stream with this name; `never` for one that has none. `bestBidAsk` and
 * `depth20` are streams of SBE, `aggTrade`, `bookTicker` and `depth@100ms` of JSON.
 */
export type ScaledOf<Name extends string> = Name extends `${string}@trade`
  ? ScaledTrade
  : Name extends `${string}@aggTrade`
    ? ScaledAggTrade
    : Name extends `${string}@bookTicker`
      ? ScaledBookTicker
      : Name extends `${string}@bestBidAsk`
        ? ScaledBestBidAsk
        : Name extends `${string}@depth20`
          ? ScaledPartialDepth
          : Name extends `${string}@depth` | `${string}@depth@100ms`
            ? ScaledDepthUpdate
            : never;
