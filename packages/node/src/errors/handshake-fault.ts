import { validateHeaderName, validateHeaderValue } from "node:http";
import type { Handshake, WsError } from "@oath-ws/contract";
import { urlFault } from "@oath-ws/contract";
import { handshakeOptionsInvalid, protocolFaults, urlInvalid } from "@oath-ws/resilience/leaf";

/**
 * Headers that the transport itself writes; a second opinion would break the handshake or the
 * framing behind it.
 */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "sec-websocket-accept",
  "sec-websocket-extensions",
  "sec-websocket-key",
  "sec-websocket-protocol",
  "sec-websocket-version",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Says why a handshake cannot be dialled, before anything is: `URL_INVALID`, or
 * `HANDSHAKE_OPTIONS_INVALID` with every fault of the headers and subprotocols in one sentence.
 * Both are kind `client`. Header values are secrets and are not shown.
 */
export function handshakeFault(handshake: Handshake): WsError | undefined {
  const fault = urlFault(handshake.url);
  if (fault !== undefined) return urlInvalid(fault);
  const faults = [...headerFaults(handshake.headers), ...protocolFaults(handshake.protocols)];
  return faults.length === 0 ? undefined : handshakeOptionsInvalid(faults.join("; "));
}

function* headerFaults(headers: unknown): Generator<string> {
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) {
    yield "the headers must be an object";
    return;
  }
  for (const [index, [name, value]] of Object.entries(headers).entries()) {
    const shown = JSON.stringify(name);
    // By position: what is not a name may be a whole header line, value and all, that a caller
    // failed to split.
    if (!passes(() => validateHeaderName(name)))
      yield `the name of header ${index + 1} is not a token of RFC 9110`;
    else if (OWN_HEADERS.has(name.toLowerCase()))
      yield `the header ${shown} is written by the transport itself`;
    else if (typeof value !== "string") yield `the value of the header ${shown} must be a string`;
    else if (!passes(() => validateHeaderValue(name, value))) {
      yield `the value of the header ${shown} holds a character that no header may hold`;
    }
  }
}

function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
