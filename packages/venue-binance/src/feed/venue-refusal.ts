import { WsError } from "@oath-ws/contract";
import type { RefusalVerdict } from "@oath-ws/venue-kit";
import { apiRule } from "../rest/api-error.js";

/** Answers on a stream have no HTTP status: the code alone decides. */
const NO_STATUS = 0;

/** A request that the venue answered with an error. */
export interface VenueRefusal {
  readonly code: number;
  readonly msg: string;
}

/**
 * Reads the error of an answer, in either form the venue was seen to use (B-14);
 * `undefined` when it is none.
 */
export function refusalOf(answer: Readonly<Record<string, unknown>>): VenueRefusal | undefined {
  const nested = answer["error"];
  const source =
    typeof nested === "object" && nested !== null
      ? (nested as Readonly<Record<string, unknown>>)
      : answer;
  const { code, msg } = source;
  return typeof code === "number" ? { code, msg: typeof msg === "string" ? msg : "" } : undefined;
}

/**
 * Refusals of the streams' own numbering (B-14): requests that the venue does not
 * understand (0 to 3), and more streams than one connection may have (4), which is a limit set too
 * high here. None of them passes.
 */
const BAD_REQUESTS: ReadonlySet<number> = new Set([0, 1, 2, 3, 4]);

/** Whether the venue refuses the stream for good. */
export function refusalVerdict({ code }: VenueRefusal): RefusalVerdict {
  if (BAD_REQUESTS.has(code)) return "never";
  return apiRule(NO_STATUS, code).verdict === "permanent" ? "never" : "notNow";
}

/** The error that a subscriber sees when the venue refuses its stream. */
export function subscriptionRefused({ code, msg }: VenueRefusal): WsError {
  const kind = BAD_REQUESTS.has(code) ? "client" : apiRule(NO_STATUS, code).kind;
  return new WsError({
    kind,
    code: "SUBSCRIPTION_REFUSED",
    message: `the venue refused the stream: ${msg} (${code})`,
  });
}
