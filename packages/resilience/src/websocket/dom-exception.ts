import type { WsError } from "@oath-ws/contract";

/**
 * The `DOMException` that a standard socket throws. Its `cause` is the `WsError`, whose `kind` and
 * `code` say exactly what is wrong.
 */
export function domException(
  name: "InvalidAccessError" | "InvalidStateError" | "SyntaxError",
  cause: WsError,
): DOMException {
  // Defined as the property of an Error is: the type of the constructor differs between platforms.
  return Object.defineProperty(new DOMException(cause.message, name), "cause", {
    value: cause,
    configurable: true,
    writable: true,
  });
}
