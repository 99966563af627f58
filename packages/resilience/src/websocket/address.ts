import type { AuthContext, AuthSource, Handshake } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";
import type { StandInUrl } from "./stand-in-url.js";

/**
 * Where to connect: a URL (`ws:`, `wss:`, or `http:` and `https:` in their place), or a function
 * that is asked for one before every attempt. A function that fails does not end the connection:
 * the attempt counts as failed, and the next one asks again. Only a `WsError` of kind `auth` says
 * that asking again is useless.
 */
export type UrlSource =
  | string
  | URL
  | ((context: AuthContext) => string | URL | Promise<string | URL>);

/** Subprotocols to offer, best first. */
export type Protocols = string | readonly string[] | null | undefined;

/**
 * Subprotocols, or a function that is asked for them before every attempt, like that of the URL.
 */
export type ProtocolsSource =
  | Protocols
  | ((context: AuthContext) => Protocols | Promise<Protocols>);

/** URL and subprotocols as the stack wants them. */
export interface Address {
  readonly handshake: Handshake;
  /** What is in the handshake when a function is asked for the URL. */
  readonly standIn: StandInUrl | undefined;
  /**
   * Asks for the rest, and then the caller's own source; `undefined` when no source needs to be
   * asked.
   */
  readonly auth: AuthSource | undefined;
}

/** What an address is made of. */
export interface AddressOptions {
  readonly url: UrlSource;
  readonly protocols: ProtocolsSource;
  readonly headers: Readonly<Record<string, string>>;
  /** Asked last: it sees the URL and the subprotocols, and may change them. */
  readonly auth: AuthSource | undefined;
  /** Told what the function for the URL answered. */
  readonly onUrl: (url: string) => void;
  /** Makes what is in the handshake while the URL is not known. */
  readonly standIn: () => StandInUrl;
  /** What relative URLs are relative to; `undefined` where there is no page. */
  readonly baseUrl: string | undefined;
}

/** Puts the address together. Never throws: what is wrong with it shows in the handshake. */
export function createAddress(options: AddressOptions): Address {
  const { url, protocols, headers, auth, onUrl, baseUrl } = options;
  const standIn = typeof url === "function" ? options.standIn() : undefined;
  const toUrl = (given: unknown): string => socketUrl(given, baseUrl);
  const handshake: Handshake = {
    url: standIn?.href ?? toUrl(url),
    protocols: typeof protocols === "function" ? [] : protocolList(protocols),
    headers,
  };
  if (typeof url !== "function" && typeof protocols !== "function")
    return { handshake, standIn, auth };
  const asking: AuthSource = {
    async authorize(handshake, context) {
      const asked = { ...handshake };
      if (typeof url === "function") {
        asked.url = await answer("URL", () => url(context), toUrl);
        onUrl(asked.url);
      }
      if (typeof protocols === "function") {
        asked.protocols = await answer("subprotocol", () => protocols(context), protocolList);
      }
      return auth === undefined ? asked : auth.authorize(asked, context);
    },
  };
  return { handshake, standIn, auth: asking };
}

/**
 * Serializes a URL as the standard does, with `ws:` and `wss:` in the place of `http:` and
 * `https:`. What is not a URL stays as it is, for the check of the handshake to name the fault.
 */
function socketUrl(url: unknown, baseUrl: string | undefined): string {
  const text = String(url);
  try {
    return new URL(text, baseUrl).href.replace(/^http(?=s?:)/, "ws");
  } catch {
    return text;
  }
}

function protocolList(protocols: Protocols): readonly string[] {
  if (protocols === null || protocols === undefined) return [];
  if (typeof protocols === "string") return [protocols];
  // What is no array is handed on, for the leaf to say so.
  return Array.isArray(protocols) ? [...(protocols as readonly string[])] : protocols;
}

/**
 * A plain error from an `AuthSource` is a refusal. From these functions, which fetch something as a
 * rule, it is anything at all, so it is taken for what passes.
 */
async function answer<T, R>(
  what: string,
  ask: () => T | Promise<T>,
  convert: (answer: T) => R,
): Promise<R> {
  try {
    return convert(await ask());
  } catch (cause) {
    if (isWsError(cause)) throw cause;
    throw new WsError({
      kind: "unknown",
      code: "AUTH_FAILED",
      message: `the ${what} function failed`,
      cause,
    });
  }
}
