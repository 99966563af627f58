import type {
  Classify,
  ClassifyContext,
  StackErrorCode,
  Verdict,
  WsError,
} from "@oath-ws/contract";

/** One rule of the default policy. The first rule that matches decides. */
export interface ClassifyRule {
  /** What the rule is about, for documentation and test titles. */
  readonly name: string;
  readonly matches: (error: WsError, context: ClassifyContext) => boolean;
  /**
   * `address`: a mistake in the address, permanent while the connection has never been up and
   * transient afterwards.
   */
  readonly verdict: Verdict | "address";
  /** Why. */
  readonly reason: string;
}

const ADDRESS_STATUSES: readonly number[] = [400, 404, 405, 410, 426];

function hasStatus(...statuses: readonly number[]): (error: WsError) => boolean {
  return (error) => error.status !== undefined && statuses.includes(error.status);
}

function hasCode(...codes: readonly StackErrorCode[]): (error: WsError) => boolean {
  return (error) => (codes as readonly string[]).includes(error.code);
}

/**
 * The default policy as data (ADR-0033, inverted breaker): the first matching row decides, and the
 * last one matches always.
 */
export const DEFAULT_RULES: readonly ClassifyRule[] = [
  {
    name: "proxy that wants other credentials",
    matches: (error) => error.kind === "proxy" && error.status === 407,
    verdict: "permanent",
    reason: "credentials were refused, as with 401",
  },
  {
    name: "proxy",
    matches: (error) => error.kind === "proxy",
    verdict: "transient",
    reason: "whatever else a proxy says, the venue has not spoken",
  },
  {
    name: "HTTP 401, 403, 407",
    matches: hasStatus(401, 403, 407),
    verdict: "permanent",
    reason: "credentials were refused; a few tries, because a session may heal",
  },
  {
    name: "AuthSource refused",
    matches: (error) => error.kind === "auth",
    verdict: "permanent",
    reason: "the source of the credentials says that there are none",
  },
  {
    name: "HTTP 418, 429, 503",
    matches: hasStatus(418, 429, 503),
    verdict: "transient",
    reason: "a limit or an overload passes; Retry-After is obeyed by the attempt gate",
  },
  {
    name: "HTTP 400, 404, 405, 410, 426",
    matches: hasStatus(...ADDRESS_STATUSES),
    verdict: "address",
    reason: "looks like a wrong address; a deploy behind a proxy answers the same for a while",
  },
  {
    name: "subprotocol refused",
    matches: hasCode("SUBPROTOCOL_REFUSED"),
    verdict: "address",
    reason: "the server does not speak what was asked for, or not just now",
  },
  {
    name: "extension that was not offered",
    matches: hasCode("EXTENSION_INVALID"),
    verdict: "address",
    reason: "the server answers every handshake like this; a deploy may change that",
  },
  {
    name: "handshake that cannot be sent",
    matches: hasCode(
      "AUTH_INVALID",
      "ENDPOINTS_INVALID",
      "URL_INVALID",
      "CONFIG_INVALID",
      "HANDSHAKE_OPTIONS_INVALID",
    ),
    verdict: "permanent",
    reason: "a source produced a URL or a handshake that no server will ever see",
  },
  {
    name: "anything else",
    matches: () => true,
    verdict: "transient",
    reason:
      "DNS, TCP, TLS, other statuses and close codes pass, or are loud in the cause until " +
      "the operator acts",
  },
];

/**
 * The verdict of {@link DEFAULT_RULES}. Refine it by delegation: decide what you know, and hand the
 * rest here.
 */
export const defaultClassify: Classify = {
  classify(error, context) {
    const verdict =
      DEFAULT_RULES.find((rule) => rule.matches(error, context))?.verdict ?? "transient";
    if (verdict !== "address") return verdict;
    return context.everConnected ? "transient" : "permanent";
  },
};
