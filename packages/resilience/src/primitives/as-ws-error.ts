import type { StackErrorCode } from "@oath-ws/contract";
import { isWsError, WsError } from "@oath-ws/contract";

/**
 * Keeps a `WsError`; wraps whatever else a foreign leaf or callback threw. Its own text stays in
 * `cause`.
 */
export function asWsError(
  error: unknown,
  fallback: { readonly code: StackErrorCode; readonly message: string },
): WsError {
  return isWsError(error) ? error : new WsError({ kind: "unknown", ...fallback, cause: error });
}
