import { isWsError, WsError } from "@oath-ws/contract";

/** Nobody is logged in at the gateway: a person has to, and nothing else helps. */
export function loginRequired(cause?: unknown): WsError {
  const message = "the venue knows no login of ours: log in at the gateway";
  return new WsError({ kind: "auth", code: "LOGIN_REQUIRED", message, status: 401, cause });
}

/** The brokerage session is gone. */
export function sessionLost(): WsError {
  return new WsError({
    kind: "auth",
    code: "SESSION_LOST",
    message: "the venue has ended the brokerage session",
  });
}

/** Another platform of the user has it. */
export function sessionHeld(): WsError {
  const message =
    "another platform of this user has the brokerage session; takeOver() takes it back";
  return new WsError({ kind: "auth", code: "SESSION_COMPETING", message });
}

/** Whether the venue said that it knows no login. */
export function isRefusal(error: unknown): boolean {
  return isWsError(error) && error.code === "REST_REFUSED" && error.status === 401;
}
