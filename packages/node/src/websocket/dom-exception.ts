import type { WsError } from "@oath-ws/contract";

/**
 * The `DOMException` that a standard socket throws. Its `cause` is the `WsError`, whose `kind` and
 * `code` say exactly what is wrong.
 */
export function domException(
  name: "InvalidAccessError" | "InvalidStateError" | "SyntaxError",
  cause: WsError,
): DOMException {
  return new DOMException(cause.message, { name, cause });
}
