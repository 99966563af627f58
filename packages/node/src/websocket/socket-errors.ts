import { WsError } from "@oath-ws/contract";
import type { WsErrorInit } from "@oath-ws/contract";

/**
 * A `WsError` with the `name` of the `DOMException` that a WHATWG socket would throw in its place,
 * for programs that look at that.
 */
export function domError(
  name: "InvalidAccessError" | "InvalidStateError" | "SyntaxError",
  init: WsErrorInit,
): WsError {
  return renamed(new WsError(init), name);
}

/** Gives an error that name. Not enumerable, like any error's. */
export function renamed(error: WsError, name: string): WsError {
  return Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
}
