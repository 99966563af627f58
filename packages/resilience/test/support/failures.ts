import type { WsErrorInit } from "@oath-ws/contract";
import { WsError } from "@oath-ws/contract";

/** A failure of which only the named fields matter. */
export function failure(init: Partial<WsErrorInit> = {}): WsError {
  return new WsError({
    kind: "connection",
    code: "ECONNREFUSED",
    message: "made by a test",
    ...init,
  });
}

/** One that the default policy takes for permanent at any time. */
export function authFailure(init: Partial<WsErrorInit> = {}): WsError {
  return failure({ kind: "auth", code: "UPGRADE_REFUSED", status: 401, ...init });
}
