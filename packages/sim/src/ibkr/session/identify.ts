import type { IncomingMessage } from "node:http";
import type { IbkrSessionOptions } from "../options.js";
import type { IbkrLogin } from "../stats.js";
import type { GatewaySession } from "./gateway-session.js";

/** The gateway's own cookie. */
export const GATEWAY_COOKIE = "x-sess-uuid";

/** What an upgrade shows (I-2, I-3): nothing, or nothing that is good, or a valid login. */
export type Identity = IbkrLogin | "invalid" | undefined;

/** Looks at the address and the cookies of an upgrade. */
export function identify(
  { url = "", headers }: IncomingMessage,
  session: GatewaySession,
  { oauthToken, sessionToken }: Required<IbkrSessionOptions>,
): Identity {
  const query = new URLSearchParams(url.replace(/^[^?]*\??/, ""));
  const cookies = parseCookies(headers.cookie ?? "");
  const shown: ReadonlyArray<
    readonly [IbkrLogin, given: string | undefined | null, wanted: string]
  > = [
    ["oauth-token", query.get("oauth_token"), oauthToken],
    ["session-token", query.get("sessionToken"), sessionToken],
    ["gateway-cookie", cookies.get(GATEWAY_COOKIE), session.cookie],
    ["api-cookie", sessionOf(cookies.get("api")), session.id],
  ];
  const given = shown.filter(([, value]) => value !== undefined && value !== null);
  if (given.length === 0) return undefined;
  if (session.state === "logged-out") return "invalid";
  return given.find(([, value, wanted]) => value === wanted)?.[0] ?? "invalid";
}

/** Cookies by name; the first of a name counts. */
export function parseCookies(header: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const part of header.split(/;\s*/)) {
    const at = part.indexOf("=");
    if (at > 0 && !cookies.has(part.slice(0, at)))
      cookies.set(part.slice(0, at), part.slice(at + 1));
  }
  return cookies;
}

/** The id in an `api` cookie: `{"session":"<id>"}`, plain or percent-encoded, or the bare id. */
function sessionOf(cookie: string | undefined): string | undefined {
  if (cookie === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(decodeURIComponent(cookie));
    if (typeof value === "object" && value !== null && "session" in value)
      return String(value.session);
    return cookie;
  } catch {
    return cookie;
  }
}
