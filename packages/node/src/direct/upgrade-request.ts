import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { unescape } from "node:querystring";
import type { Handshake } from "@oath-ws/contract";
import { handshakeOptionsInvalid } from "@oath-ws/resilience/leaf";
import { deflateOffer } from "./deflate-extension.js";
import { randomMask } from "./mask-source.js";
import type { MaskSource } from "./mask-source.js";
import type { ResolvedDirectOptions } from "./resolve-direct-options.js";

/** RFC 6455 section 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The request, before it is sent. */
export interface UpgradeRequest {
  /** The request target (RFC 9112 section 3.2.1). */
  readonly path: string;
  /** Names as they are sent, and values. No two names are the same in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What `Sec-WebSocket-Accept` must be. */
  readonly accept: string;
}

/**
 * Makes the request of RFC 6455 section 4.1. The handshake has passed `handshakeFault`. A header of
 * the caller's takes the place of `Host`, and of the `Authorization` that a URL's user info makes.
 * Throws `HANDSHAKE_OPTIONS_INVALID` for an `origin` that no header may hold, and what the caller's
 * `generateMask` throws.
 *
 * @param url the handshake's
 */
export function upgradeRequest(
  { socket, deflate }: Pick<ResolvedDirectOptions, "socket" | "deflate">,
  handshake: Handshake,
  url: URL,
): UpgradeRequest {
  const key = handshakeKey(socket.generateMask);
  const headers = new Map<string, readonly [string, string]>();
  const set = (name: string, value: string): void => {
    headers.set(name.toLowerCase(), [name, value]);
  };
  // A user agent should send Host first (RFC 9110 section 7.2). The rest is in the order of the
  // example in RFC 6455 section 1.2, for servers that are not quite parsers.
  set("Host", url.host);
  set("Upgrade", "websocket");
  set("Connection", "Upgrade");
  set("Sec-WebSocket-Key", key);
  if (handshake.protocols.length > 0) set("Sec-WebSocket-Protocol", handshake.protocols.join(","));
  set("Sec-WebSocket-Version", "13");
  if (deflate !== undefined) set("Sec-WebSocket-Extensions", deflateOffer(deflate));
  if (url.username !== "" || url.password !== "") set("Authorization", basic(url));
  for (const [name, value] of Object.entries(handshake.headers)) set(name, value);
  if (socket.origin !== undefined) set("Origin", originOf(socket.origin));
  return {
    path: url.pathname + url.search,
    headers: [...headers.values()],
    accept: createHash("sha1")
      .update(key + GUID)
      .digest("base64"),
  };
}

/** Everything but the visible characters of ASCII, which a request target consists of. */
const NO_TARGET = /[^!-~]/;

/** What would begin another line, or end one. */
const BREAKS = /[\r\n\0]/;

/**
 * The bytes of the request (RFC 9112 sections 2.1 and 3), to be sent as latin1. What would add a
 * line to it has been refused before; should it come here all the same, it is refused with
 * `HANDSHAKE_OPTIONS_INVALID`.
 */
export function requestHead({ path, headers }: UpgradeRequest): string {
  if (NO_TARGET.test(path)) throw handshakeOptionsInvalid("the URL's path cannot be sent");
  let head = `GET ${path} HTTP/1.1\r\n`;
  for (const [name, value] of headers) {
    if (BREAKS.test(name) || BREAKS.test(value))
      throw handshakeOptionsInvalid("a header holds a character that no header may hold");
    head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}

/** RFC 7617 section 2. */
function basic({ username, password }: URL): string {
  const credentials = `${unescape(username)}:${unescape(password)}`;
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

/** The option is a string, if the caller kept to its type. */
function originOf(origin: unknown): string {
  if (typeof origin === "string" && /^[\t\x20-\x7e\x80-\xff]*$/.test(origin)) return origin;
  throw handshakeOptionsInvalid("the option socket.origin cannot be sent as a header");
}

/** 16 random bytes (RFC 6455 section 4.1), of the source that also makes the masking keys. */
function handshakeKey(fill: MaskSource = randomMask): string {
  const key = Buffer.alloc(16);
  for (let at = 0; at < key.length; at += 4) fill(key.subarray(at, at + 4));
  return key.toString("base64");
}
