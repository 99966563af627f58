import type { WsError } from "@oath-ws/contract";
import { handshakeInvalid, subprotocolRefused } from "@oath-ws/resilience/leaf";
import type { WsDeflateOptions } from "../options/ws-connector-options.js";
import { extensionInvalid } from "../errors/extension-invalid.js";
import { deflateAgreement } from "./deflate-extension.js";
import type { DeflateAgreement } from "./deflate-extension.js";

/** What was asked for. */
export interface UpgradeExpectation {
  /** What `Sec-WebSocket-Accept` must be. */
  readonly accept: string;
  readonly protocols: readonly string[];
  /** What was offered of RFC 7692; `undefined` for nothing. */
  readonly deflate: WsDeflateOptions | undefined;
}

/** What the server agreed to. */
export interface Upgraded {
  /** Empty for none. */
  readonly protocol: string;
  readonly deflate: DeflateAgreement | undefined;
}

/**
 * Checks the head of a 101 (RFC 6455 section 4.1, and 4.2.2 for what it must hold). Throws a
 * `WsError`: `HANDSHAKE_INVALID`, `SUBPROTOCOL_REFUSED` when none of those offered was chosen, or
 * `EXTENSION_INVALID` when the extension or a parameter of it was not offered. Knows nothing of
 * sockets.
 *
 * @param where how the message begins
 */
export function checkUpgrade(
  headers: Readonly<Record<string, string | undefined>>,
  expected: UpgradeExpectation,
  where: string,
): Upgraded {
  const invalid = (why: string): WsError => handshakeInvalid(`${where}: ${why}`);
  if (headers["upgrade"]?.toLowerCase() !== "websocket")
    throw invalid("the server upgrades to something else");
  if (!hasToken(headers["connection"], "upgrade"))
    throw invalid("the Connection header does not say upgrade");
  const accept = headers["sec-websocket-accept"];
  // Repeated fields are joined with commas, and base64 has none.
  if (accept?.includes(",") === true)
    throw invalid("the Sec-WebSocket-Accept header is there more than once");
  if (accept !== expected.accept) throw invalid("the Sec-WebSocket-Accept header is wrong");
  const chosen = headers["sec-websocket-protocol"];
  const protocol = chosen ?? "";
  if (expected.protocols.length === 0) {
    if (chosen !== undefined) throw invalid("the server chose a subprotocol, and none was offered");
  } else if (!expected.protocols.includes(protocol)) {
    const what = chosen === undefined ? "no subprotocol" : "a subprotocol that was not offered";
    throw subprotocolRefused(`${where}: the server chose ${what}`);
  }
  const extensions = headers["sec-websocket-extensions"];
  if (extensions === undefined) return { protocol, deflate: undefined };
  if (expected.deflate === undefined)
    throw extensionInvalid(where, "the server chose an extension, and none was offered");
  const deflate = deflateAgreement(extensions, expected.deflate);
  if (typeof deflate === "string") throw extensionInvalid(where, deflate);
  return { protocol, deflate };
}

/** Whether the list (RFC 9110 section 5.6.1) names the token, which is in lower case. */
export function hasToken(header: string | undefined, token: string): boolean {
  return (
    header !== undefined && header.split(",").some((each) => each.trim().toLowerCase() === token)
  );
}
