/**
 * URLs of the `ws` schemes (RFC 6455 section 3). `URL` is taken from the global object by shape:
 * every runtime has it, and this floor compiles without any runtime's types.
 */
interface ParsedUrl {
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly hash: string;
  readonly href: string;
}

const { URL: WhatwgUrl } = globalThis as unknown as { URL: new (url: string) => ParsedUrl };

/** The URL that was parsed last: a dial asks for parts of the same one five times. */
let last: { readonly url: string; readonly parsed: ParsedUrl | undefined } | undefined;

function parse(url: string): ParsedUrl | undefined {
  if (last?.url !== url) last = { url, parsed: parseNow(url) };
  return last.parsed;
}

function parseNow(url: string): ParsedUrl | undefined {
  try {
    return new WhatwgUrl(url);
  } catch {
    return undefined;
  }
}

/**
 * Names what is wrong with a WebSocket URL, or gives `undefined` when it can be dialled. The
 * sentence never holds the URL itself, which may carry a token.
 */
export function urlFault(url: unknown): string | undefined {
  if (typeof url !== "string")
    return `the URL must be a string, got ${url === null ? "null" : typeof url}`;
  if (url.trim() === "") return "the URL is empty";
  const parsed = parse(url);
  if (parsed === undefined) {
    return /^[a-z][a-z0-9+.-]*:/i.test(url)
      ? "the URL cannot be parsed (check host and port)"
      : "the URL is not absolute: it must start with ws:// or wss://";
  }
  if (parsed.protocol !== "ws:" && parsed.protocol !== "wss:") {
    return `the URL's scheme is "${parsed.protocol}", it must be ws: or wss:`;
  }
  if (parsed.hostname === "") return "the URL has no host";
  if (parsed.hash !== "" || url.includes("#"))
    return "the URL has a fragment (#), which RFC 6455 section 3 forbids";
  return undefined;
}

/**
 * Scheme, host and port: what logs, traces and errors show of a URL. Path and query may hold keys,
 * and are never shown.
 */
export function urlOrigin(url: string): string {
  const parsed = parse(url);
  return parsed === undefined ? "(invalid URL)" : `${parsed.protocol}//${parsed.host}`;
}

/** Host and port in lower case, the default key of the attempt gate. */
export function urlHost(url: string): string {
  return parse(url)?.host ?? "(invalid URL)";
}

/** The most URLs that a connection may be given. */
const MAX_URLS = 64;

/**
 * Names everything that is wrong with a list of URLs: one sentence for the list, or one for each
 * URL that cannot be dialled or is there twice. Empty when the list can be used. No sentence holds
 * a URL.
 */
export function urlsFaults(
  urls: readonly unknown[],
): readonly { readonly index: number | undefined; readonly message: string }[] {
  if (urls.length === 0) return [{ index: undefined, message: "must hold at least one URL" }];
  if (urls.length > MAX_URLS) {
    const message = `must hold at most ${MAX_URLS} URLs, got ${urls.length}`;
    return [{ index: undefined, message }];
  }
  const seen = new Map<string, number>();
  return urls.flatMap((url, index) => {
    const fault = urlFault(url);
    if (fault !== undefined) return [{ index, message: fault }];
    const href = parse(url as string)?.href ?? "";
    const first = seen.get(href);
    if (first === undefined) seen.set(href, index);
    return first === undefined ? [] : [{ index, message: `is the same as number ${first}` }];
  });
}
