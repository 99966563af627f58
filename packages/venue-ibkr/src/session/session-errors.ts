import { isWsError, WsError } from "@oath-ws/contract";

/** No user is logged in at the gateway: a person has to log in, and nothing else helps. */
export function loginRequired(cause?: unknown): WsError {
  const message = "the venue knows no login of ours: log in at the gateway";
  return new WsError({ kind: "auth", code: "LOGIN_REQUIRED", message, status: 401, cause });
}

/** The brokerage session is gone. `fail`: what the venue says about that. */
export function sessionLost(fail?: string): WsError {
  const message = withFail("the venue has ended the brokerage session", fail);
  return new WsError({ kind: "auth", code: "SESSION_LOST", message });
}

/** Another platform of the user has it. `fail`: what the venue says about that. */
export function sessionHeld(fail?: string): WsError {
  const held = "another platform of this user has the brokerage session; takeOver() takes it back";
  const message = withFail(held, fail);
  return new WsError({ kind: "auth", code: "SESSION_COMPETING", message });
}

function withFail(message: string, fail: string | undefined): string {
  return fail === undefined ? message : `${message}; the venue says: ${fail}`;
}

/** Whether the venue said that it knows no login. */
export function isRefusal(error: unknown): boolean {
  return isWsError(error) && error.code === "REST_REFUSED" && error.status === 401;
}
