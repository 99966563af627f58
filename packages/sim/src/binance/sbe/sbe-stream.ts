/** A stream that exists in SBE. */
export interface SbeStream {
  readonly kind: "sbe";
  readonly template: "trade" | "bestBidAsk" | "depth" | "depth20";
}

/**
 * Takes the name of a stream in SBE apart. `undefined` for a name that means nothing there: it is
 * acknowledged and stays silent, as on the JSON streams.
 */
export function parseSbeName(
  name: string,
): { readonly symbol: string; readonly stream: SbeStream } | undefined {
  const [symbol = "", template, ...rest] = name.split("@");
  if (symbol === "" || symbol !== symbol.toLowerCase() || rest.length > 0) return undefined;
  switch (template) {
    case "trade":
    case "bestBidAsk":
    case "depth":
    case "depth20":
      return { symbol: symbol.toUpperCase(), stream: { kind: "sbe", template } };
    default:
      return undefined;
  }
}

/** Under which name a stream in SBE is in the record: JSON has streams of the same name. */
export function sbeRecordName(name: string): string {
  return `sbe:${name}`;
}
