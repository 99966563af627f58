/**
 * Documented market data fields by what they mean (I-25). What has no name here is asked
 * for by its number.
 */
export const FIELD_IDS = {
  last: "31",
  bid: "84",
  ask: "86",
  bidSize: "88",
  askSize: "85",
  lastSize: "7059",
  volume: "87",
  volumeLong: "7762",
  change: "82",
  changePercent: "83",
  high: "70",
  low: "71",
  open: "7295",
  close: "7296",
  priorClose: "7741",
  mark: "7635",
  symbol: "55",
  exchange: "6004",
  availability: "6509",
  company: "7051",
  contract: "7219",
  listingExchange: "7221",
  position: "76",
  delta: "7308",
  gamma: "7309",
  theta: "7310",
  vega: "7311",
  impliedVolatility: "7633",
} as const;

/** A documented field. */
export type FieldName = keyof typeof FIELD_IDS;

/** A field by name or number. */
export type Field = FieldName | `${number}`;

/**
 * What is asked for by default: last trade, both sides with sizes, and whether all that is
 * live.
 */
export const DEFAULT_FIELDS: readonly Field[] = [
  "last",
  "bid",
  "ask",
  "bidSize",
  "askSize",
  "lastSize",
  "availability",
];

/** The number of a field; `undefined` for what is none. */
export function fieldId(field: string): string | undefined {
  if (Object.hasOwn(FIELD_IDS, field)) return FIELD_IDS[field as FieldName];
  return /^[1-9]\d{0,4}$/.test(field) ? field : undefined;
}
