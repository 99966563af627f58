import { WsError } from "@oath-ws/contract";
import type { RefusalVerdict } from "@oath-ws/venue-kit";

/**
 * What an error frame means. The venue gives a text and nothing else (C-23).
 *
 * - `auth`: the JWT is bad or too old, or the channel is unknown
 * - `rate`: too many messages; the same request will do later
 * - `level2-limit`: too many level2 products on the connection (C-15)
 * - `refused`: the venue cannot subscribe what was asked for, an unknown product for example
 * - `unknown`: anything else
 */
export type RefusalKind = "auth" | "rate" | "level2-limit" | "refused" | "unknown";

/** Which kind of refusal a text is. */
export function refusalKind(text: string): RefusalKind {
  const lower = text.toLowerCase();
  if (lower.includes("authentication failure")) return "auth";
  if (lower.includes("rate limit")) return "rate";
  if (lower.includes("too many l2 streams")) return "level2-limit";
  if (lower.includes("failure to subscribe")) return "refused";
  return "unknown";
}

interface Rule extends Pick<WsError, "kind" | "code"> {
  readonly verdict: RefusalVerdict;
}

/**
 * A text that is not known passes: a topic that is asked for once too often costs less than one
 * that ends by the venue's error.
 */
const RULES: Readonly<Record<RefusalKind, Rule>> = {
  auth: { kind: "auth", code: "AUTH_REFUSED", verdict: "never" },
  rate: { kind: "throttled", code: "RATE_LIMITED", verdict: "notNow" },
  "level2-limit": { kind: "client", code: "LEVEL2_LIMIT", verdict: "never" },
  refused: { kind: "client", code: "SUBSCRIPTION_REFUSED", verdict: "never" },
  unknown: { kind: "server", code: "VENUE_ERROR", verdict: "notNow" },
};

/** The error that a subscriber sees. It names the topics of the request, where they are known. */
export function refusalError(text: string, topics: readonly string[] = []): WsError {
  const what = topics.length === 0 ? "a request" : named(topics);
  const message = `the venue refused ${what}: ${text === "" ? "without a reason" : text}`;
  const { kind, code } = RULES[refusalKind(text)];
  return new WsError({ kind, code, message });
}

/**
 * The error for a token that the venue refused while nothing is known of its clock: the time in the
 * token may be why, so it passes.
 */
export function unsureError(topics: readonly string[]): WsError {
  const message =
    `the venue refused ${named(topics)}: authentication failure. Its clock could not be asked, ` +
    "so the time of the token may be the reason. They are asked for again after a pause";
  return new WsError({ kind: "auth", code: "AUTH_UNSURE", message });
}

/**
 * The error for topics that the venue left as they were, without a word. Whether it will do so the
 * next time is not known, so it passes.
 */
export function ignoredError(
  type: "subscribe" | "unsubscribe",
  topics: readonly string[],
): WsError {
  return type === "subscribe"
    ? new WsError({
        kind: "server",
        code: "SUBSCRIPTION_IGNORED",
        message: `the venue does not list ${named(topics)} among its subscriptions: asking again`,
      })
    : new WsError({
        kind: "server",
        code: "UNSUBSCRIBE_IGNORED",
        message: `the venue still lists ${named(topics)} among its subscriptions`,
      });
}

/** A few names, and how many more there are. */
function named(topics: readonly string[]): string {
  const more = topics.length - 5;
  return topics.slice(0, 5).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** Whether the venue means it for good. Errors of the connection, which have no rule, pass. */
export function refusalVerdict({ code }: WsError): RefusalVerdict {
  return Object.values(RULES).find((rule) => rule.code === code)?.verdict ?? "notNow";
}
