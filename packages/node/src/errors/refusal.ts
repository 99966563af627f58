import { WsError } from "@oath-ws/contract";
import { parseRetryAfter } from "@oath-ws/resilience";
import { upgradeRefused } from "@oath-ws/resilience/leaf";
import { flatHeaders } from "./flat-headers.js";
import type { HeaderMap } from "./flat-headers.js";

/** What is needed of the response that refused the upgrade. */
export interface RefusalResponse {
  readonly statusCode?: number | undefined;
  readonly headers: HeaderMap;
}

/**
 * The error for an answer other than 101. Everything in it comes from the response's head; the body
 * is not read, so that a server cannot keep us busy with it.
 *
 * @param where how the message begins
 * @param wallNow wall-clock milliseconds, for a `Retry-After` date
 */
export function refusalError(response: RefusalResponse, where: string, wallNow: number): WsError {
  const status = response.statusCode ?? 0;
  const headers = flatHeaders(response.headers);
  if (status < 200) {
    // A 101 arrives here when it does not say what it upgrades to.
    return new WsError({
      kind: "server",
      code: "HANDSHAKE_INVALID",
      message: `${where}: the server answered ${status} without upgrading`,
      status,
      headers,
    });
  }
  const retryAfterMs = parseRetryAfter(headers["retry-after"], headers["date"], wallNow);
  return upgradeRefused(where, status, { headers, retryAfterMs });
}
