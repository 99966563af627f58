import type { Handshake } from "@oath-ws/contract";
import type { CookieJar } from "../rest/cookie-jar.js";

/**
 * How the WebSocket is told whose it is (I-2, I-3).
 *
 * - `cookie`: by cookies on the upgrade: those that the gateway has set, and `api` with the
 *   session's id
 * - `first-frame`: by nothing on the upgrade; the id is sent when the venue says that it waits for
 *   it
 * - `oauth1`: by the access token in the address and the session in a cookie
 * - `oauth2`: by the bearer in the address
 *
 * Whatever the form, a venue that waits for a session is sent the id.
 */
export type AuthForm =
  | { readonly kind: "cookie" }
  | { readonly kind: "first-frame" }
  | { readonly kind: "oauth1"; readonly accessToken: () => string | Promise<string> }
  | { readonly kind: "oauth2"; readonly bearer: () => string | Promise<string> };

/** The handshake with what proves whose it is. */
export async function authorised(
  form: AuthForm,
  handshake: Handshake,
  sessionId: string,
  jar: CookieJar,
): Promise<Handshake> {
  switch (form.kind) {
    case "cookie":
      return withCookie(handshake, jar.header({ api: apiCookie(sessionId) }));
    case "first-frame":
      return handshake;
    case "oauth1": {
      const url = withQuery(handshake.url, "oauth_token", await form.accessToken());
      const { headers } = handshake;
      return withCookie(
        { ...handshake, url, headers: { "User-Agent": "ClientPortalGW/1", ...headers } },
        jar.header({ api: sessionId }),
      );
    }
    case "oauth2":
      return { ...handshake, url: withQuery(handshake.url, "sessionToken", await form.bearer()) };
    default:
      return form satisfies never;
  }
}

function apiCookie(sessionId: string): string {
  return JSON.stringify({ session: sessionId });
}

function withCookie(handshake: Handshake, cookie: string | undefined): Handshake {
  return cookie === undefined
    ? handshake
    : { ...handshake, headers: { ...handshake.headers, Cookie: cookie } };
}

function withQuery(address: string, name: string, value: string): string {
  const url = new URL(address);
  url.searchParams.set(name, value);
  return url.href;
}
