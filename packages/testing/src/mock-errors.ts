import { WsError } from "@oath-ws/contract";
import type { ErrorKind } from "@oath-ws/contract";
import { kindOfStatus } from "@oath-ws/resilience/leaf";

/** What a mock refusal looks like; see `refuse()`. */
export interface RefusalInit {
  /**
   * The HTTP status of the refused upgrade. Absent: the refusal came before HTTP, from DNS, TCP or
   * TLS.
   */
  readonly status?: number | undefined;
  /** How long the server asks to be left alone, in milliseconds: `Retry-After`, parsed. */
  readonly retryAfterMs?: number | undefined;
  /** Response headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * Default: by the status (401, 403, 407 `auth`; 429, 418 `throttled`; 5xx `server`; else
   * `client`), `connection` without one.
   */
  readonly kind?: ErrorKind | undefined;
  /** Default: `UPGRADE_REFUSED`, or `ECONNREFUSED` without a status. */
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

/** The error of a refused dial, as a real leaf would make it. */
export function refusalError(init: RefusalInit): WsError {
  const { status, retryAfterMs, headers } = init;
  if (status === undefined) {
    const code = init.code ?? "ECONNREFUSED";
    const message = init.message ?? `the connection was refused (${code})`;
    return new WsError({ kind: init.kind ?? "connection", code, message });
  }
  return new WsError({
    kind: init.kind ?? kindOfStatus(status),
    code: init.code ?? "UPGRADE_REFUSED",
    message: init.message ?? `the server refused the upgrade with status ${status}`,
    status,
    retryAfterMs,
    headers,
  });
}
