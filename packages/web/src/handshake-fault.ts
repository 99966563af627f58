import type { Handshake, WsError } from "@oath-ws/contract";
import { urlFault } from "@oath-ws/contract";
import { handshakeOptionsInvalid, urlInvalid } from "@oath-ws/resilience/leaf";

/**
 * Says why a handshake cannot be dialled, before anything is. The subprotocols are left for the
 * platform to check.
 */
export function handshakeFault(
  { url, headers }: Handshake,
  headersSupported: boolean,
): WsError | undefined {
  const fault = urlFault(url);
  if (fault !== undefined) return urlInvalid(fault);
  if (typeof headers !== "object" || headers === null)
    return handshakeOptionsInvalid("the headers must be an object");
  const count = Object.keys(headers).length;
  if (count === 0 || headersSupported) return undefined;
  return handshakeOptionsInvalid(
    `a browser's WebSocket sends no request headers, but the handshake has ${count} (see ` +
      "headersSupported)",
  );
}
