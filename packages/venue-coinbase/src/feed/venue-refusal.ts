import { WsError } from "@oath-ws/contract";

/**
 * What an error frame means. The venue gives a text and nothing else (reference 3).
 *
 * - `auth`: the JWT is bad or too old, or the channel is unknown
 * - `rate`: too many messages; the same request will do later
 * - `level2-limit`: too many level2 products on the connection (C-15)
 * - `refused`: anything else
 */
export type RefusalKind = "auth" | "rate" | "level2-limit" | "refused";

/** Which kind of refusal a text is. */
export function refusalKind(text: string): RefusalKind {
  const lower = text.toLowerCase();
  if (lower.includes("authentication failure")) return "auth";
  if (lower.includes("rate limit")) return "rate";
  if (lower.includes("too many l2 streams")) return "level2-limit";
  return "refused";
}

const ERRORS: Readonly<Record<RefusalKind, Pick<WsError, "kind" | "code">>> = {
  auth: { kind: "auth", code: "AUTH_REFUSED" },
  rate: { kind: "throttled", code: "RATE_LIMITED" },
  "level2-limit": { kind: "client", code: "LEVEL2_LIMIT" },
  refused: { kind: "client", code: "SUBSCRIPTION_REFUSED" },
};

/** The error that a subscriber sees. */
export function refusalError(text: string): WsError {
  const message = `the venue refused the request: ${text === "" ? "without a reason" : text}`;
  return new WsError({ ...ERRORS[refusalKind(text)], message });
}

/** Whether another try may help: errors of the connection pass, refusals of the venue do not, except those for asking too often. */
export function venueVerdict({ code }: WsError): "transient" | "permanent" {
  return code === "AUTH_REFUSED" || code === "SUBSCRIPTION_REFUSED" || code === "LEVEL2_LIMIT" ? "permanent" : "transient";
}
