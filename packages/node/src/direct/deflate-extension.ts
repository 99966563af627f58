import type { WsDeflateOptions } from "../options/ws-connector-options.js";

/**
 * What client and server agreed on (RFC 7692). Our own messages always stand alone: the client
 * decides that by itself.
 */
export interface DeflateAgreement {
  /**
   * The largest window, as a power of two, that our compressor may use; `undefined`: it must not
   * compress at all.
   */
  readonly clientWindowBits: number | undefined;
  /**
   * The server's messages may refer to those before them. It was asked not to do so, and a server
   * that answers with the bare name of the extension does it all the same.
   */
  readonly serverKeepsContext: boolean;
}

const NAME = "permessage-deflate";

/** zlib has no raw window of 256 bytes. */
const MIN_ZLIB_BITS = 9;
const MAX_BITS = 15;

/** `name`, `name=token` or `name="token"` (RFC 6455 section 9.1). */
const PARAMETER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:\s*=\s*(?:"([0-9A-Za-z]*)"|([0-9A-Za-z]+)))?$/;

/** The value of `Sec-WebSocket-Extensions` in the request. */
export function deflateOffer({
  serverMaxWindowBits,
  clientMaxWindowBits,
}: WsDeflateOptions): string {
  const server =
    serverMaxWindowBits === undefined ? "" : `; server_max_window_bits=${serverMaxWindowBits}`;
  const client = clientMaxWindowBits === undefined ? "" : `=${clientMaxWindowBits}`;
  const takeover = "server_no_context_takeover; client_no_context_takeover";
  return `${NAME}; ${takeover}${server}; client_max_window_bits${client}`;
}

/**
 * Reads the server's answer to {@link deflateOffer} (RFC 7692 section 7.1).
 *
 * @param header the value of `Sec-WebSocket-Extensions` in the response
 * @returns the agreement, or what is wrong with the answer
 */
export function deflateAgreement(
  header: string,
  offer: WsDeflateOptions,
): DeflateAgreement | string {
  const [name, ...parameters] = header.split(";").map((part) => part.trim());
  if (header.includes(",") || name?.toLowerCase() !== NAME)
    return "the server chose an extension that was not offered";
  const seen = new Map<string, string | undefined>();
  for (const parameter of parameters) {
    const match = PARAMETER.exec(parameter);
    const key = match?.[1]?.toLowerCase();
    if (key === undefined || seen.has(key)) return "the extension's parameters cannot be read";
    const fault = parameterFault(key, match?.[2] ?? match?.[3], offer);
    if (fault !== undefined) return fault;
    seen.set(key, match?.[2] ?? match?.[3]);
  }
  const bits = Math.min(
    Number(seen.get("client_max_window_bits") ?? MAX_BITS),
    offer.clientMaxWindowBits ?? MAX_BITS,
  );
  return {
    clientWindowBits: bits < MIN_ZLIB_BITS ? undefined : bits,
    serverKeepsContext: !seen.has("server_no_context_takeover"),
  };
}

function parameterFault(
  key: string,
  value: string | undefined,
  offer: WsDeflateOptions,
): string | undefined {
  switch (key) {
    case "server_no_context_takeover":
    case "client_no_context_takeover":
      return value === undefined ? undefined : `the parameter ${key} takes no value`;
    case "server_max_window_bits":
      return isWindow(value, offer.serverMaxWindowBits ?? MAX_BITS)
        ? undefined
        : `the parameter ${key} is wrong`;
    case "client_max_window_bits":
      return isWindow(value, MAX_BITS) ? undefined : `the parameter ${key} is wrong`;
    default:
      return "the extension has a parameter that does not exist";
  }
}

function isWindow(value: string | undefined, max: number): boolean {
  return value !== undefined && /^([89]|1[0-5])$/.test(value) && Number(value) <= max;
}
