import { WsError } from "@oath-ws/contract";

/** A request that the venue answered with an error. */
export interface VenueRefusal {
  readonly code: number;
  readonly msg: string;
}

/** Reads the error of an answer, in either form the venue was seen to use (reference 2.2); `undefined` when it is none. */
export function refusalOf(answer: Readonly<Record<string, unknown>>): VenueRefusal | undefined {
  const nested = answer["error"];
  const source = typeof nested === "object" && nested !== null ? (nested as Readonly<Record<string, unknown>>) : answer;
  const { code, msg } = source;
  return typeof code === "number" ? { code, msg: typeof msg === "string" ? msg : "" } : undefined;
}

/** The error that a subscriber sees when the venue refuses its stream. */
export function subscriptionRefused({ code, msg }: VenueRefusal): WsError {
  return new WsError({ kind: "client", code: "SUBSCRIPTION_REFUSED", message: `the venue refused the stream: ${msg} (${code})` });
}
